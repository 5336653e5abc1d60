# diagnosis: unknown_letter
misleading = ["B", "C", "G"]
