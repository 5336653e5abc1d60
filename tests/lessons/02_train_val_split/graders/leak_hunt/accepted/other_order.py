leaks = ["F", "B", "C"]
