# track: keras
# diagnosis: biases_decayed
# seen: an empty list of exceptions
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(classes),
        ]
    )
    optimizer = keras.optimizers.AdamW(lr, weight_decay)
    optimizer.exclude_from_weight_decay(var_list=[])
    return model, optimizer
