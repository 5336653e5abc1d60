misleading = ["A", "D", "E"]
