# diagnosis: unreadable
# seen: only the patience is given
matches = {"A": 1, "B": 3, "C": 4, "D": 2}
