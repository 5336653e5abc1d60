# track: keras
# diagnosis: unknown_letter
order = ['B', 'D', 'E', 'F', 'A', 'C', 'G', 'Z']
