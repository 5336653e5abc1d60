labels = {"A": " unfinished", "B": "overfit, accuracy holds ", "C": "good", "D": "Underfit", "E": "overfit,accuracy falls", "F": "good", "G": "overfit accuracy holds", "H": "unfinished"}
