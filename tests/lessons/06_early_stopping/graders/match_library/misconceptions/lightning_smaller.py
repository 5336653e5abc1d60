# diagnosis: wrong_min_delta
# seen: a smaller min_delta
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.04},
}
