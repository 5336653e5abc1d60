# diagnosis: chooser_accused
misleading = ["A", "C", "D", "E"]
