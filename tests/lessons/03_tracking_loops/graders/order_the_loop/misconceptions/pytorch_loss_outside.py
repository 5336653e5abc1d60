# track: pytorch
# diagnosis: outside_loop
order = ['D', 'E', 'B', 'F', 'A', 'C', 'G']
