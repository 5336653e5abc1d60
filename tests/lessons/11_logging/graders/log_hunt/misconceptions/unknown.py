# diagnosis: unknown_letter
misleading = ["A", "D", "G"]
