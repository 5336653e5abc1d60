# track: keras
# diagnosis: no_train_mode
order = ['B', 'D', 'H', 'F', 'A', 'C', 'G']
