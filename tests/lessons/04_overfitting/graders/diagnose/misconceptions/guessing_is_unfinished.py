# diagnosis: guessing_not_seen
# seen: a run at the loss of guessing, hoped to start later
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
    "J": "unfinished",
    "K": "not a number",
    "L": "explodes",
}
