# track: pytorch
# diagnosis: zero_grad_outside_loop
order = ['D', 'F', 'B', 'E', 'A', 'C', 'G']
