# diagnosis: close_means_good
# seen: every run without a gap called good
labels = {
    "A": "good",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "good",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "good",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
