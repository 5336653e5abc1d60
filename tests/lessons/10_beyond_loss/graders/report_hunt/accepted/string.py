misleading = "A, C, F"
