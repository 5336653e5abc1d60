# track: pytorch
# diagnosis: total_before_loss
order = ['D', 'B', 'G', 'F', 'E', 'A', 'C']
