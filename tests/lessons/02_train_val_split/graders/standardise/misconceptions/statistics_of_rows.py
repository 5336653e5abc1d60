# diagnosis: statistics_of_rows


def standardise(train, val):
    m, s = train.mean(axis=1), train.std(axis=1)
    return (train - m) / s, (val - m) / s
