# track: keras
# diagnosis: parameters_frozen
# seen: trainable off, so that biases do not decay
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
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=weight_decay)
    for variable in model.weights:
        variable.trainable = variable.name != "bias"
    return model, optimizer
