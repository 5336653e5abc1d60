astray = {"A", "D", "F"}
