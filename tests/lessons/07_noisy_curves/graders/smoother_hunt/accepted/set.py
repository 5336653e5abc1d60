misleading = {"B", "C", "E"}
