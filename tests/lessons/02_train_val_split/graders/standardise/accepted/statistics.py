import statistics


def standardise(train, val):
    columns = list(zip(*train.tolist()))
    means = [statistics.fmean(c) for c in columns]
    spreads = [statistics.pstdev(c) or 1 for c in columns]
    return tuple([[(v - m) / s for v, m, s in zip(row, means, spreads)] for row in part.tolist()] for part in (train, val))
