# diagnosis: log_accused
misleading = list("ABCDEF")
