# diagnosis: unknown_label
# seen: the label of another book
labels = {
    "A": "unfinished",
    "B": "overfit",
    "C": "good",
    "D": "underfit",
    "E": "overfit",
    "F": "good",
    "G": "overfit",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
