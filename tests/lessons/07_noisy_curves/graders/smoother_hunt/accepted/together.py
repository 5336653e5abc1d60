misleading = "BCE"
