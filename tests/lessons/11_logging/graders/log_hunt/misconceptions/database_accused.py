# diagnosis: log_accused
misleading = ["A", "D", "E", "F"]
