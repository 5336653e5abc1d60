misleading = "ade"
