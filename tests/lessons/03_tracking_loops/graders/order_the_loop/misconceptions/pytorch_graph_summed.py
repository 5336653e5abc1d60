# track: pytorch
# diagnosis: graphs_kept
order = ['D', 'B', 'F', 'E', 'A', 'C', 'H']
