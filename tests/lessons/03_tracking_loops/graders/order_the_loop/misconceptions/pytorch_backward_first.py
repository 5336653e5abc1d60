# track: pytorch
# diagnosis: backward_before_loss
order = ['D', 'B', 'F', 'A', 'E', 'C', 'G']
