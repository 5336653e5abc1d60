def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    torch = convention == "torch"
    needed = patience + 1 if torch else max(patience, 1)
    skipped = cooldown if torch else max(cooldown - 1, 0)
    best, bad, counts_from, cuts = losses[0], 0, 0, []
    for epoch, loss in list(enumerate(losses, 1))[1:]:
        line = best * (1 - threshold) if torch else best - threshold
        if loss < line:
            best = loss
            bad = 0
        else:
            bad = bad + 1 if epoch >= counts_from else 0
            if bad >= needed:
                cuts += [epoch]
                bad, counts_from = 0, epoch + skipped + 1
    return cuts
