misleading = ["E", "B", "C"]
