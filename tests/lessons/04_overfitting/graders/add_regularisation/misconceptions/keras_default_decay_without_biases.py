# track: keras
# diagnosis: default_decay
# seen: AdamW's own default
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(classes)])
    o = keras.optimizers.AdamW(lr)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
