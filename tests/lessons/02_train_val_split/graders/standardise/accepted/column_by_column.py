import numpy as np


def standardise(train, val):
    train_out, val_out = np.zeros(train.shape), np.zeros(val.shape)
    for column in range(train.shape[1]):
        mean = sum(train[:, column]) / len(train)
        variance = sum((v - mean) ** 2 for v in train[:, column]) / len(train)
        spread = variance ** 0.5 if len(set(train[:, column])) > 1 else 1.0
        train_out[:, column] = (train[:, column] - mean) / spread
        val_out[:, column] = (val[:, column] - mean) / spread
    return train_out, val_out
