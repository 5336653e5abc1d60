# track: pytorch
# diagnosis: step_before_backward
order = ['D', 'B', 'F', 'E', 'C', 'A', 'G']
