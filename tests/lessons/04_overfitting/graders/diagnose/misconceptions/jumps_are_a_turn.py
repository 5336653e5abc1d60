# diagnosis: jumps_not_seen
# seen: a last value above the lowest, read as a turn
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "overfit, accuracy holds",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
