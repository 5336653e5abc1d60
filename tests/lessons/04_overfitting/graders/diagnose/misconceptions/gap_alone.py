# diagnosis: gap_alone
# seen: a large gap at the end, read as overfitting
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "overfit, accuracy holds",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
