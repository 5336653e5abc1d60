# diagnosis: wrong_min_delta
# seen: the sign of min_delta is turned round
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": -0.05},
}
