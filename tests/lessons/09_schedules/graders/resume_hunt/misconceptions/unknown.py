# diagnosis: unknown_letter
astray = ["A", "D", "G"]
