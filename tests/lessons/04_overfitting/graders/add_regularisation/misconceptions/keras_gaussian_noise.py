# track: keras
# diagnosis: noise_instead_of_dropout
# seen: another layer with dropout in its name
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.GaussianDropout(dropout), keras.layers.Dense(hidden, "relu"), keras.layers.GaussianDropout(dropout), keras.layers.Dense(classes)])
    o = keras.optimizers.AdamW(lr, weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
