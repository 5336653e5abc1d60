# track: keras
order = ("B", "D", "E", "F", "A", "C", "G")
