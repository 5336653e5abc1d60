misleading = ["A, D", "E"]
