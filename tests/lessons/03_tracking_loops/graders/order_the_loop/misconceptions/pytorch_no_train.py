# track: pytorch
# diagnosis: no_train_mode
order = ['B', 'F', 'E', 'A', 'C', 'G']
