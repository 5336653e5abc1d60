astray = "A, D, F"
