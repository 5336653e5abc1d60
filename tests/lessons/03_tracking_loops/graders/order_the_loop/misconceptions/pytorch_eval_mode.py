# track: pytorch
# diagnosis: eval_in_training
order = ['I', 'B', 'F', 'E', 'A', 'C', 'G']
