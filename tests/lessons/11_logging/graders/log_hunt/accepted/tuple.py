misleading = ("A", "D", "E")
