# diagnosis: by_position
# seen: slices of the table
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    rows = np.arange(n_rows)
    cut = n_rows - val_rows - test_rows
    return rows[:cut], rows[cut:cut + val_rows], rows[cut + val_rows:]
