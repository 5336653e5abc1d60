# track: keras
# diagnosis: total_unweighted
order = ['B', 'D', 'E', 'F', 'A', 'C', 'I']
