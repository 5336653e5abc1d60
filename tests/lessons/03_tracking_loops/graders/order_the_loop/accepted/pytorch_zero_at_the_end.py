# track: pytorch
order = ["D", "B", "E", "A", "C", "F", "G"]
