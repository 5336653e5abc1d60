leaks = ["B", "C", "F"]
