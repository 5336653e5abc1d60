# diagnosis: cooldown_loses_improvements
import math


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    best, bad, left, cuts = math.inf, 0, 0, []
    for epoch, loss in enumerate(losses, start=1):
        if left > 0:
            left -= 1
            if convention == "torch" or left > 0:
                bad = 0
                continue
        if loss < (best * (1 - threshold) if convention == "torch" else best - threshold):
            best, bad = loss, 0
        else:
            bad += 1
            if bad >= (patience + 1 if convention == "torch" else max(1, patience)):
                cuts.append(epoch)
                bad, left = 0, cooldown
    return cuts
