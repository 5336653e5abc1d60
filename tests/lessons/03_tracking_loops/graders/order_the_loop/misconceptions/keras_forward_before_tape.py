# track: keras
# diagnosis: forward_outside_tape
order = ['B', 'E', 'D', 'F', 'A', 'C', 'G']
