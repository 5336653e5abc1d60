# diagnosis: gap_alone
# seen: every large gap read as overfitting
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "overfit, accuracy falls",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "overfit, accuracy holds",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
