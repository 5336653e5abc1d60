import random


def stratified_split(labels, val_share, seed):
    rng, by_class = random.Random(seed), {}
    for row, label in enumerate(labels.tolist()):
        by_class.setdefault(label, []).append(row)
    val = [row for rows in by_class.values() for row in rng.sample(rows, round(val_share * len(rows)))]
    return sorted(set(range(len(labels))) - set(val)), val
