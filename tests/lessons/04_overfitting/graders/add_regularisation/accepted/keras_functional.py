# track: keras
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    x = start = keras.Input(shape=(inputs,))
    for _ in range(2):
        x = keras.layers.Dense(hidden)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.Dropout(rate=dropout)(x)
    model = keras.Model(start, keras.layers.Dense(classes)(x))
    optimizer = keras.optimizers.AdamW(lr, weight_decay)
    optimizer.exclude_from_weight_decay(var_list=[layer.bias for layer in model.layers if hasattr(layer, "bias")])
    return model, optimizer
