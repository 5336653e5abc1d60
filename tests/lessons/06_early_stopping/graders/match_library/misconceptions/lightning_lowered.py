# diagnosis: corrected_needlessly
# seen: Lightning is believed to count differently
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 4, "min_delta": 0.0},
    "D": {"patience": 1, "min_delta": 0.05},
}
