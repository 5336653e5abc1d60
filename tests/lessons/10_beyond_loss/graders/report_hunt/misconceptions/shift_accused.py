# diagnosis: line_accused
misleading = ["A", "C", "E", "F"]
