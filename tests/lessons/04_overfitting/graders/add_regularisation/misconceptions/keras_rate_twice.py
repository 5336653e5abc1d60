# track: keras
# diagnosis: rate_twice
# seen: the docstring's factor multiplied out by hand
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(classes)])
    o = keras.optimizers.AdamW(lr, weight_decay=lr * weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
