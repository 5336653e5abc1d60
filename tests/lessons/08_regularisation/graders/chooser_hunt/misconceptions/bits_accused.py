# diagnosis: chooser_accused
misleading = ["A", "D", "E", "F"]
