# track: pytorch
# diagnosis: line_twice
order = ['D', 'B', 'F', 'E', 'A', 'C', 'C', 'G']
