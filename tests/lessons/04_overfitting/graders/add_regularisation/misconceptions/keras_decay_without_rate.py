# track: keras
# diagnosis: decay_without_rate
# seen: the factor lr, which the optimizer multiplies by, divided out
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(classes)])
    o = keras.optimizers.AdamW(lr, weight_decay=weight_decay / lr)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
