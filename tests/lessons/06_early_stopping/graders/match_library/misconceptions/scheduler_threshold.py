# diagnosis: wrong_min_delta
# seen: the default threshold of the scheduler, which the project turned off
matches = {
    "A": {"patience": 1, "min_delta": 0.0},
    "B": {"patience": 3, "min_delta": 0.05},
    "C": {"patience": 4, "min_delta": 0.0001},
    "D": {"patience": 2, "min_delta": 0.05},
}
