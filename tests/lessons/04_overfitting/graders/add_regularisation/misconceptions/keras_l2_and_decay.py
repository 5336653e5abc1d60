# track: keras
# diagnosis: penalty_in_the_loss
# seen: both at once
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
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
