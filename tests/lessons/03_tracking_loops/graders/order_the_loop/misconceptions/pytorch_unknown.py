# track: pytorch
# diagnosis: unknown_line
order = ['D', 'B', 'F', 'E', 'A', 'C', 'G', 'X']
