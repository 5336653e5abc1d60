misleading = ["A", "C", "F"]
