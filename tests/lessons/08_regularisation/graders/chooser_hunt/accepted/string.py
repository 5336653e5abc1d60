misleading = "ADE"
