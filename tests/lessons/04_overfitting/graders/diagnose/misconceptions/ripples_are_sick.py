# diagnosis: ripples_taken_for_sickness
# seen: every curve that is not smooth, called oscillating
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "oscillates",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "oscillates",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
