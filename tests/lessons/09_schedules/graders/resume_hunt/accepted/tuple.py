astray = ("A", "D", "F")
