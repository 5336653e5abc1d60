# diagnosis: line_accused
misleading = list("ABCDEF")
