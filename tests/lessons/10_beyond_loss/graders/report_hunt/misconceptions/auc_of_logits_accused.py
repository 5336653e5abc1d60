# diagnosis: line_accused
misleading = ["A", "B", "C", "F"]
