# diagnosis: gap_needed_for_underfit
# seen: a bad loss, called overfitting
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "overfit, accuracy holds",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
