# track: pytorch
# diagnosis: no_step
order = ['D', 'B', 'F', 'E', 'A', 'G']
