# track: keras
# diagnosis: outside_loop
order = ['D', 'B', 'E', 'F', 'A', 'C', 'G']
