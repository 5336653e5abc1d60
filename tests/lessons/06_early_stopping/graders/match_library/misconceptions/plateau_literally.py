# diagnosis: plateau_patience_literally
# seen: the scheduler is believed to count as we do
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 3, "min_delta": 0.0},
    "D": {"patience": 2, "min_delta": 0.05},
}
