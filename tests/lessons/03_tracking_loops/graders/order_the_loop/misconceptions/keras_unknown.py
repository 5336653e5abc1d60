# track: keras
# diagnosis: unknown_line
order = ['B', 'D', 'E', 'F', 'A', 'C', 'G', 'Z']
