# track: pytorch
# diagnosis: no_train_mode
order = ["D", "B", "F", "E", "A", "C", "G", "I"]
