misleading = "b, c, e"
