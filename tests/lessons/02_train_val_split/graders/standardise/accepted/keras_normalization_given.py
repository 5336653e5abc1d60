# track: keras
import keras
import numpy as np


def standardise(train, val):
    m, v = train.mean(0), train.var(0)
    layer = keras.layers.Normalization(axis=-1, mean=m, variance=np.where(np.ptp(train, axis=0) == 0, 1, v))
    return layer(train).numpy(), layer(val).numpy()
