# track: keras
# diagnosis: dropout_on_by_default
# seen: training=True where the layer is called
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    i = keras.Input((inputs,))
    h = keras.layers.Dropout(dropout)(keras.layers.Dense(hidden, "relu")(i), training=True)
    h = keras.layers.Dropout(dropout)(keras.layers.Dense(hidden, "relu")(h), training=True)
    m = keras.Model(i, keras.layers.Dense(classes)(h))
    o = keras.optimizers.AdamW(lr, weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m, o
