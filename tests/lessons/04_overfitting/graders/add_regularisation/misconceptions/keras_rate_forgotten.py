# track: keras
# diagnosis: rate_not_used
# seen: lr not handed to the optimizer
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
    optimizer = keras.optimizers.AdamW(weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
