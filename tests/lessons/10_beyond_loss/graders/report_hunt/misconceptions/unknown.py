# diagnosis: unknown_letter
misleading = ["A", "C", "G"]
