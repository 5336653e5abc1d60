# diagnosis: log_accused
misleading = ["A", "B", "D", "E"]
