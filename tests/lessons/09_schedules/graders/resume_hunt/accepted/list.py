astray = ["A", "D", "F"]
