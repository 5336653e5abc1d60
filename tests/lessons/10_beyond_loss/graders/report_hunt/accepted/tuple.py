misleading = ("A", "C", "F")
