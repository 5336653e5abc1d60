# diagnosis: smoother_accused
misleading = ["B", "C", "D", "E"]
