by_label = {
    "good": "CF",
    "underfit": "D",
    "unfinished": "AH",
    "overfit, accuracy holds": "BG",
    "overfit, accuracy falls": "E",
    "oscillates": "I",
    "never learns": "J",
    "not a number": "K",
    "explodes": "L",
}
labels = {letter: label for label, letters in by_label.items() for letter in letters}
