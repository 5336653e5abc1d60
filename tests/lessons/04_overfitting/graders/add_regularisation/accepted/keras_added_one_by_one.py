# track: keras
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = keras.models.Sequential()
    model.add(keras.layers.Input(shape=(inputs,)))
    for units in (hidden, hidden):
        model.add(keras.layers.Dense(units, kernel_initializer="he_normal"))
        model.add(keras.layers.Activation("relu"))
        model.add(keras.layers.Dropout(dropout, seed=1))
    model.add(keras.layers.Dense(classes, activation="linear"))
    optimizer = keras.optimizers.AdamW(lr, weight_decay=weight_decay, epsilon=1e-8)
    optimizer.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if len(v.shape) == 1])
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, optimizer
