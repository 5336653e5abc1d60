# track: keras
import keras


class Net(keras.Model):
    def __init__(self, hidden, classes, dropout):
        super().__init__()
        self.first = keras.layers.Dense(hidden, activation="relu")
        self.second = keras.layers.Dense(hidden, activation="relu")
        self.logits = keras.layers.Dense(classes)
        self.drop_first, self.drop_second = keras.layers.Dropout(dropout), keras.layers.Dropout(dropout)

    def call(self, x, training=False):
        x = self.drop_first(self.first(x), training=training)
        x = self.drop_second(self.second(x), training=training)
        return self.logits(x)


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = Net(hidden, classes, dropout)
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
