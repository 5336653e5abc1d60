# track: keras
# diagnosis: total_before_loss
order = ['B', 'G', 'D', 'E', 'F', 'A', 'C']
