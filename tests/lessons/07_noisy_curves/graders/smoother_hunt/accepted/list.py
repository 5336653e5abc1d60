misleading = ["B", "C", "E"]
