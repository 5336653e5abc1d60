# diagnosis: chooser_accused
misleading = list("ABCDEF")
