# diagnosis: guessing_not_seen
# seen: flat and high, read as underfitting without a look at the dotted line
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "oscillates",
    "J": "underfit",
    "K": "not a number",
    "L": "explodes",
}
