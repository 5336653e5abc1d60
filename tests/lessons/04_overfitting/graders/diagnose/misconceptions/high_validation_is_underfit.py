# diagnosis: good_taken_for_underfit
# seen: a validation loss above 0, called underfitting
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "underfit",
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
