# track: pytorch
# diagnosis: no_train_mode
order = ['D', 'I', 'B', 'F', 'E', 'A', 'C', 'G']
