# track: pytorch
# diagnosis: missing_backward
order = ['D', 'B', 'F', 'E', 'C', 'G']
