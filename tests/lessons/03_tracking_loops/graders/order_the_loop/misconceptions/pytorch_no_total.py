# track: pytorch
# diagnosis: missing_total
order = ['D', 'B', 'F', 'E', 'A', 'C']
