# diagnosis: missing_numbers_not_seen
# seen: the two ways to lose a run exchanged
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
    "K": "explodes",
    "L": "not a number",
}
