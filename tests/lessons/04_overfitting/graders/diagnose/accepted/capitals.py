labels = {
    "A": "Unfinished",
    "B": "overfit, accuracy holds",
    "C": "Good ",
    "D": "UNDERFIT",
    "E": "overfit, accuracy falls",
    "F": "Good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
