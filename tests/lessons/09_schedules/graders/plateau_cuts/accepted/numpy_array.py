import numpy as np


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    values = np.asarray(losses, dtype=float)
    relative = convention == "torch"
    best, bad, wake = np.inf, 0, 0
    cut = np.zeros(len(values), dtype=bool)
    for i, value in enumerate(values):
        if value < best - threshold * (best if relative and np.isfinite(best) else 1.0):
            best, bad = value, 0
        elif i >= wake:
            bad += 1
        if bad == (patience + 1 if relative else max(1, patience)):
            cut[i], bad = True, 0
            wake = i + 1 + (cooldown if relative else max(0, cooldown - 1))
    return np.flatnonzero(cut) + 1
