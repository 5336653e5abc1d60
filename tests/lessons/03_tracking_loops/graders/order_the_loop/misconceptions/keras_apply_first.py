# track: keras
# diagnosis: apply_before_gradient
order = ['B', 'D', 'E', 'F', 'C', 'A', 'G']
