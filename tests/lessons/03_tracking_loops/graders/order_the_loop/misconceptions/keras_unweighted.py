# track: keras
# diagnosis: mean_of_means
order = ['B', 'D', 'E', 'F', 'A', 'C', 'I']
