# diagnosis: rising_loss_falling_accuracy
# seen: accuracy concluded from the loss
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy falls",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy falls",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
    "I": "oscillates",
    "J": "never learns",
    "K": "not a number",
    "L": "explodes",
}
