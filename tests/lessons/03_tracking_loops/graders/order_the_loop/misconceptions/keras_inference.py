# track: keras
# diagnosis: inference_in_training
order = ['B', 'D', 'H', 'F', 'A', 'C', 'G']
