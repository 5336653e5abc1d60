# diagnosis: smoother_accused
misleading = ["A", "B", "C", "D", "E", "F"]
