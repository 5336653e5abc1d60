# track: pytorch
# diagnosis: no_train_mode
order = ['I', 'B', 'F', 'E', 'A', 'C', 'G']
