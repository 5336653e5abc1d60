misleading = ("a", "d", "e")
