misleading = {"A", "D", "E"}
