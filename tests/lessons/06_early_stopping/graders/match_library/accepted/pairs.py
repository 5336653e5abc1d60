# seen: pairs of patience and min_delta
matches = {"A": (1, 0.0), "B": (3, 0.05), "C": (4, 0.0), "D": (2, 0.05)}
