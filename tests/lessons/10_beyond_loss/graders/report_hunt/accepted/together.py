misleading = "acf"
