def standardise(train, val):
    columns = [[float(x) for x in column] for column in zip(*train)]
    means = [sum(column) / len(column) for column in columns]
    spreads = [
        (sum((x - mean) ** 2 for x in column) / len(column)) ** 0.5 if len(set(column)) > 1 else 1
        for column, mean in zip(columns, means)
    ]
    return [[[(float(x) - m) / s for x, m, s in zip(row, means, spreads)] for row in part] for part in (train, val)]
