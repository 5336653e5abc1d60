leaks = "b, c, f"
