# track: pytorch
import numpy as np
import torch

from torch.utils.data import random_split


def group_split(groups, val_groups, seed):
    people = np.unique(groups).tolist()
    val, train = random_split(
        people, [val_groups, len(people) - val_groups], generator=torch.Generator().manual_seed(seed)
    )
    return np.flatnonzero(np.isin(groups, list(train))), np.flatnonzero(np.isin(groups, list(val)))
