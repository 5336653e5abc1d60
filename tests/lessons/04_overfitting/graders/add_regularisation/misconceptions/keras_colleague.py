# track: keras
# diagnosis: dropout_on_output
# seen: the function as it was found
import functools

import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    l2 = keras.regularizers.L2(weight_decay)
    dense = functools.partial(keras.layers.Dense, kernel_regularizer=l2, bias_regularizer=l2)
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            dense(hidden, activation="relu"),
            keras.layers.Dropout(dropout),
            dense(hidden, activation="relu"),
            dense(classes),
            keras.layers.Dropout(dropout),
        ]
    )
    return model, keras.optimizers.Adam(learning_rate=lr)
