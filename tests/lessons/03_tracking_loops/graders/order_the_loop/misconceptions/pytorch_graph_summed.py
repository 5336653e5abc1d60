# track: pytorch
# diagnosis: graph_summed
order = ['D', 'B', 'F', 'E', 'A', 'C', 'H']
