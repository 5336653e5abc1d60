leaks = "BCF"
