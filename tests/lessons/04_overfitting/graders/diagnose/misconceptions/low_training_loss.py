# diagnosis: turn_missed
# seen: the training loss decides alone
labels = {
    "A": "unfinished",
    "B": "good",
    "C": "good",
    "D": "underfit",
    "E": "good",
    "F": "good",
    "G": "good",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
