from sklearn.model_selection import train_test_split


def three_way_split(n_rows, val_rows, test_rows, seed):
    rest, test = train_test_split(range(n_rows), test_size=test_rows, random_state=seed)
    train, val = train_test_split(rest, test_size=val_rows, random_state=seed)
    return train, val, test
