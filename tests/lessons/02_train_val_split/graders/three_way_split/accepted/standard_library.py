import random


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = list(range(n_rows))
    random.Random(seed).shuffle(rows)
    test = [rows.pop() for _ in range(test_rows)]
    val = [rows.pop() for _ in range(val_rows)]
    return sorted(rows), sorted(val), sorted(test)
