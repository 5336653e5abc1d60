# diagnosis: log_accused
misleading = ["A", "C", "D", "E"]
