# track: keras
# diagnosis: gradient_before_loss
order = ['B', 'D', 'E', 'A', 'F', 'C', 'G']
