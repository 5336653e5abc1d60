# diagnosis: smoother_accused
misleading = ["B", "C", "E", "F"]
