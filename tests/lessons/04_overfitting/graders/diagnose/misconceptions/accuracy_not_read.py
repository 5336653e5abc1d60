# diagnosis: accuracy_not_read
# seen: loss and accuracy taken to be unrelated
labels = {
    "A": "unfinished",
    "B": "overfit, accuracy holds",
    "C": "good",
    "D": "underfit",
    "E": "overfit, accuracy holds",
    "F": "good",
    "G": "overfit, accuracy holds",
    "H": "unfinished",
}
