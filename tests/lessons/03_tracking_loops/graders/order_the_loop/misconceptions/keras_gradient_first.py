# track: keras
# diagnosis: gradient_before_tape
order = ['B', 'A', 'D', 'E', 'F', 'C', 'G']
