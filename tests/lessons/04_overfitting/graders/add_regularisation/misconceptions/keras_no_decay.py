# track: keras
# diagnosis: no_decay
# seen: weight_decay not used
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
    return model, keras.optimizers.Adam(learning_rate=lr)
