# track: keras
# diagnosis: loss_before_outputs
order = ['B', 'D', 'F', 'E', 'A', 'C', 'G']
