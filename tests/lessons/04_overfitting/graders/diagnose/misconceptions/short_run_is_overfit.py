# diagnosis: missing_numbers_not_seen
# seen: the end of the curves not noticed
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
    "J": "never learns",
    "K": "overfit, accuracy falls",
    "L": "explodes",
}
