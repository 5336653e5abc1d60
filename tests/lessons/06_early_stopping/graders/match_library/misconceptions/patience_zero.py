# diagnosis: patience_zero_literally
# seen: the number is copied
matches = {
    "A": {"patience": 0, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.05},
}
