leaks = ("C", "F", "B")
