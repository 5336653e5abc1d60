# track: keras
import keras
import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    order = keras.random.shuffle(np.arange(n_rows), seed=seed)
    order = keras.ops.convert_to_numpy(order)
    cut = n_rows - val_rows - test_rows
    return {"train": order[:cut], "val": order[cut:cut + val_rows], "test": order[cut + val_rows:]}.values()
