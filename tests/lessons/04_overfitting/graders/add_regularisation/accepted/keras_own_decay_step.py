# track: keras
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(hidden, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(classes)])
    class Dec(keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            if len(variable.shape) > 1:
                variable.assign(variable * (1 - learning_rate * weight_decay))
            super().update_step(gradient, variable, learning_rate)
    return m, Dec(lr)
