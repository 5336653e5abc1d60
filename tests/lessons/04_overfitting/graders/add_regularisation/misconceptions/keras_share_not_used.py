# track: keras
# diagnosis: share_not_used
# seen: a share written out
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(classes)])
    o = keras.optimizers.AdamW(lr, weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
