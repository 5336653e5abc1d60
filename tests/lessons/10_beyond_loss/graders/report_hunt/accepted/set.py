misleading = {"A", "C", "F"}
