# diagnosis: counter_kept_after_cut
import math


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    best, bad, resting, cuts = math.inf, 0, 0, []
    for epoch, loss in enumerate(losses, start=1):
        if loss < (best * (1 - threshold) if convention == "torch" else best - threshold):
            best, bad = loss, 0
        elif resting == 0:
            bad += 1
        if resting > 0:
            resting -= 1
        if bad == (patience + 1 if convention == "torch" else max(1, patience)):
            cuts.append(epoch)
            bad = bad
            resting = cooldown if convention == "torch" else max(0, cooldown - 1)
    return cuts
