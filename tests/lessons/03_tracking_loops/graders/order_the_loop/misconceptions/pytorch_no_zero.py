# track: pytorch
# diagnosis: missing_zero_grad
order = ['D', 'B', 'E', 'A', 'C', 'G']
