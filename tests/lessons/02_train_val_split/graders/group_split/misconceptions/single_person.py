# diagnosis: number_of_people
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.unique(groups)
    person = people[np.random.default_rng(seed).integers(len(people))]
    return np.flatnonzero(groups != person), np.flatnonzero(groups == person)
