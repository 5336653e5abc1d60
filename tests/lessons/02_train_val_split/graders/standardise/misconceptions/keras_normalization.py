# diagnosis: divided_by_zero
# track: keras
import keras


def standardise(train, val):
    layer = keras.layers.Normalization()
    layer.adapt(train)
    return layer(train), layer(val)
