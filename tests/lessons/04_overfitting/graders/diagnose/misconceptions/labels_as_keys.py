# diagnosis: labels_as_keys
# seen: the letters gathered under each label
labels = {
    "good": ["C", "F"],
    "underfit": ["D"],
    "unfinished": ["A", "H"],
    "overfit, accuracy holds": ["B", "G"],
    "overfit, accuracy falls": ["E"],
    "oscillates": ["I"],
    "never learns": ["J"],
    "not a number": ["K"],
    "explodes": ["L"],
}
