# diagnosis: unknown_label
# seen: words of the learner's own for the later runs
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good fit",
    "G": "overfit, accuracy holds",
    "H": "not finished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
