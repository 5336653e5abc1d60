# track: pytorch
# diagnosis: zero_grad_before_step
order = ['D', 'B', 'E', 'A', 'F', 'C', 'G']
