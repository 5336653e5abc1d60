# diagnosis: not_seeded
import random


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = list(range(n_rows))
    random.shuffle(rows)
    return rows[val_rows + test_rows:], rows[:val_rows], rows[val_rows:val_rows + test_rows]
