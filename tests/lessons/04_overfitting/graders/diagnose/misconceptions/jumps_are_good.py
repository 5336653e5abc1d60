# diagnosis: jumps_not_seen
# seen: a high accuracy at the end, read as a good run
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "good",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
