# diagnosis: ripples_taken_for_sickness
# seen: every rise called an explosion
labels = {
    "A": "unfinished",
    "B": "explodes",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "explodes",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
