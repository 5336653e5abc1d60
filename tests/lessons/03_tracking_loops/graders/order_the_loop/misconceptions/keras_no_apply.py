# track: keras
# diagnosis: no_step
order = ['B', 'D', 'E', 'F', 'A', 'G']
