# track: pytorch
# diagnosis: eval_in_training
order = ['D', 'I', 'B', 'F', 'E', 'A', 'C', 'G']
