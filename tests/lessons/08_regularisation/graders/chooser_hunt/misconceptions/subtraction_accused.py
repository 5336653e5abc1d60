# diagnosis: chooser_accused
misleading = ["A", "B", "D", "E"]
