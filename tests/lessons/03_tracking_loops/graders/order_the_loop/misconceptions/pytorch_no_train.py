# track: pytorch
# diagnosis: missing_train
order = ['B', 'F', 'E', 'A', 'C', 'G']
