# track: keras
# diagnosis: line_twice
order = ['B', 'D', 'E', 'F', 'A', 'C', 'G', 'G']
