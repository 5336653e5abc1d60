# diagnosis: line_accused
misleading = ["A", "C", "D", "F"]
