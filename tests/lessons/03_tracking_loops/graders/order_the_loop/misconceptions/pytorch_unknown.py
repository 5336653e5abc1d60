# track: pytorch
# diagnosis: unknown_letter
order = ['D', 'B', 'F', 'E', 'A', 'C', 'G', 'X']
