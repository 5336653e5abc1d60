# track: keras
# diagnosis: missing_apply
order = ['B', 'D', 'E', 'F', 'A', 'G']
