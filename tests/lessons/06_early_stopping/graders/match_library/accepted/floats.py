# seen: patience as a float, and min_delta worked out
matches = {
    "A": {"patience": 1.0, "min_delta": 0},
    "B": {"patience": 3.0, "min_delta": abs(-0.05)},
    "C": {"patience": 3.0 + 1, "min_delta": 0},
    "D": {"patience": 2.0, "min_delta": 1 / 20},
}
