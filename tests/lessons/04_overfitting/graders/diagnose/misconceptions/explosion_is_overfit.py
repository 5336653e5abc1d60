# diagnosis: explosion_not_seen
# seen: a rising validation loss with a steady accuracy, read as overfitting
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
    "K": "not a number",
    "L": "overfit, accuracy holds",
}
