# track: keras
order = ["B", "D", "E", "F", "G", "A", "C"]
