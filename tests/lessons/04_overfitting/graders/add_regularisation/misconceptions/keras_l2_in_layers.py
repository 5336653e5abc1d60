# track: keras
# diagnosis: penalty_in_the_loss
# seen: L2 in the layers taken for weight decay
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            keras.layers.Dense(hidden, activation="relu", kernel_regularizer=keras.regularizers.L2(weight_decay)),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(hidden, activation="relu", kernel_regularizer=keras.regularizers.L2(weight_decay)),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(classes, kernel_regularizer=keras.regularizers.L2(weight_decay)),
        ]
    )
    return model, keras.optimizers.Adam(learning_rate=lr)
