# track: pytorch
# diagnosis: eval_in_training
order = ["D", "B", "F", "E", "A", "C", "G", "I"]
