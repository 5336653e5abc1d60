# diagnosis: negative_delta_literally
# seen: the sign is copied
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": -0.05},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.05},
}
