# track: pytorch
# diagnosis: no_backward
order = ['D', 'B', 'F', 'E', 'C', 'G']
