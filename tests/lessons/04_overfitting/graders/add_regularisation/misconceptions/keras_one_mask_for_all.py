# track: keras
# diagnosis: same_units_for_all_rows
# seen: noise_shape fixes the mask over the rows of a batch
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    layers = [keras.Input((inputs,))]
    for _ in range(2):
        layers.append(keras.layers.Dense(hidden, activation="relu"))
        layers.append(keras.layers.Dropout(dropout, noise_shape=(1, hidden)))
    model = keras.Sequential([*layers, keras.layers.Dense(classes)])
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
