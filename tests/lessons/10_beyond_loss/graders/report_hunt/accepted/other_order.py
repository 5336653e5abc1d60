misleading = ["F", "A", "C"]
