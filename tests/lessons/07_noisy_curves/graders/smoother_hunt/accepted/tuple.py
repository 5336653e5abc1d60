misleading = ("C", "E", "B")
