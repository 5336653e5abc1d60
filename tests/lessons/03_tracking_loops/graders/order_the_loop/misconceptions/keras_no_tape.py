# track: keras
# diagnosis: missing_tape
order = ['B', 'E', 'F', 'A', 'C', 'G']
