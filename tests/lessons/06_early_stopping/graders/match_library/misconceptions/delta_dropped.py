# diagnosis: min_delta_dropped
# seen: min_delta is thought to play no part
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.0},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.0},
}
