import random


def group_split(groups, val_groups, seed):
    who = set(random.Random(seed).sample(sorted(set(groups.tolist())), val_groups))
    train = [row for row, person in enumerate(groups.tolist()) if person not in who]
    val = [row for row, person in enumerate(groups.tolist()) if person in who]
    return train, val
