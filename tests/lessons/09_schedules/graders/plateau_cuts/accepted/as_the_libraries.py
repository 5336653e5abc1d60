import math


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    best, wait, left, cuts = math.inf, 0, 0, []
    for k in range(len(losses)):
        current = losses[k]
        if convention == "torch":
            if current < best * (1.0 - threshold):
                best, wait = current, 0
            else:
                wait += 1
            if left > 0:
                left -= 1
                wait = 0
            if wait > patience:
                cuts.append(k + 1)
                left, wait = cooldown, 0
            continue
        if left > 0:
            left -= 1
            wait = 0
        if current < best - threshold:
            best, wait = current, 0
        elif not left > 0:
            wait += 1
            if wait >= patience:
                cuts.append(k + 1)
                left, wait = cooldown, 0
    return cuts
