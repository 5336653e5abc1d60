# diagnosis: unreadable
# seen: a project is left out
matches = {"A": {"patience": 1}, "B": {"patience": 3, "min_delta": 0.05}, "D": {"patience": 2, "min_delta": 0.05}}
