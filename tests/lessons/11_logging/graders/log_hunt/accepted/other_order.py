misleading = ["E", "A", "D"]
