astray = ["F", "A", "D"]
