# diagnosis: trend_not_read
# seen: high at the end, read as underfitting
labels = {
    "A": "underfit",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "underfit",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
