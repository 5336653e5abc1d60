# track: keras
# diagnosis: missing_forward
order = ['B', 'D', 'F', 'A', 'C', 'G']
