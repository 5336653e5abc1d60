# track: pytorch
# diagnosis: missing_step
order = ['D', 'B', 'F', 'E', 'A', 'G']
