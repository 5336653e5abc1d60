# track: keras
# diagnosis: part_is_none
# seen: the result of the exclusion kept as the optimizer
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
    optimizer = keras.optimizers.AdamW(lr, weight_decay=weight_decay).exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
