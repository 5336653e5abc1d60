# diagnosis: corrected_the_wrong_way
# seen: lowered instead of raised
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 2, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.05},
}
