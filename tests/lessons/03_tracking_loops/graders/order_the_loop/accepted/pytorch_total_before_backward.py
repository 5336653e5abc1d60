# track: pytorch
order = ("D", "B", "E", "G", "F", "A", "C")
