from math import inf


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    def below(loss, best):
        return loss < {"torch": best * (1 - threshold), "keras": best - threshold}[convention]

    needed = {"torch": patience + 1, "keras": patience or 1}[convention]
    skip = {"torch": cooldown, "keras": cooldown - 1 if cooldown else 0}[convention]

    def epochs():
        best, bad = inf, 0
        for epoch, loss in enumerate(losses, 1):
            if below(loss, best):
                best, bad = loss, min(bad + 1, 0)
            else:
                bad += 1
            if bad == needed:
                yield epoch
                bad = -skip

    return list(epochs())
