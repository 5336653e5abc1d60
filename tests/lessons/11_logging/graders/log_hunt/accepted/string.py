misleading = "A, D, E"
