# diagnosis: people_lost
# seen: `if person and ...`
import random


def group_split(groups, val_groups, seed):
    chosen = random.Random(seed).sample(sorted(set(groups.tolist())), val_groups)
    train = [row for row, person in enumerate(groups.tolist()) if person and person not in chosen]
    val = [row for row, person in enumerate(groups.tolist()) if person and person in chosen]
    return train, val
