# track: pytorch
order = ["B", "D", "F", "E", "A", "C", "G"]
