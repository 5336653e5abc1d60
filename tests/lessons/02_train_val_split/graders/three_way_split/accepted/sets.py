import random


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = set(range(n_rows))
    rng = random.Random(f"split {seed}")
    test = set(rng.sample(sorted(rows), test_rows))
    val = set(rng.sample(sorted(rows - test), val_rows))
    return list(rows - test - val), list(val), list(test)
