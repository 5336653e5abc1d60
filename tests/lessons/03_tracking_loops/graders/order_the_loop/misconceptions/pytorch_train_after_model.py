# track: pytorch
# diagnosis: train_too_late
order = ['B', 'F', 'E', 'D', 'A', 'C', 'G']
