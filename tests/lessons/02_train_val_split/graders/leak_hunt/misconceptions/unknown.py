# diagnosis: unknown_letter
leaks = ["B", "C", "F", "G"]
