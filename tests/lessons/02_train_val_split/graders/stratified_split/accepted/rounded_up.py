import math
import random


def stratified_split(labels, val_share, seed):
    rng = random.Random(seed)
    members = {}
    for row, label in enumerate(labels):
        members.setdefault(label, []).append(row)
    val = []
    for rows in members.values():
        val += rng.sample(rows, math.ceil(val_share * len(rows) - 1e-9))
    return [row for row in range(len(labels)) if row not in val], val
