# seen: NumPy numbers
import numpy as np

patience = np.array([1, 3, 4, 2])
min_delta = np.array([0.0, 0.05, 0.0, 0.05])
matches = {k: {"patience": p, "min_delta": d} for k, p, d in zip("ABCD", patience, min_delta)}
