astray = "adf"
