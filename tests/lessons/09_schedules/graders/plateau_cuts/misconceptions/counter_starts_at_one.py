# diagnosis: one_epoch_off_after_cut
import math


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    torch = convention == "torch"
    best, bad, resting, cuts = math.inf, 0, 0, []
    for epoch, loss in enumerate(losses, start=1):
        if not torch and resting > 0:
            resting, bad = resting - 1, 0
        if loss < (best * (1 - threshold) if torch else best - threshold):
            best, bad = loss, 0
        elif torch or resting == 0:
            bad += 1
        if torch and resting > 0:
            resting, bad = resting - 1, 0
        if bad >= (patience + 1 if torch else max(1, patience)):
            cuts.append(epoch)
            bad, resting = 1, cooldown
    return cuts
