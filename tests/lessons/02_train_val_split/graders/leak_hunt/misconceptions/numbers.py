# diagnosis: unknown_letter
leaks = [2, 3, 6]
