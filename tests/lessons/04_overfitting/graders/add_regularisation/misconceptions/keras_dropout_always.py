# track: keras
# diagnosis: dropout_always_on
# seen: training=True written into the model
import keras


class Net(keras.Model):
    def __init__(self, hidden, classes, dropout):
        super().__init__()
        self.hidden = [keras.layers.Dense(hidden, activation="relu") for _ in range(2)]
        self.drop = keras.layers.Dropout(dropout)
        self.logits = keras.layers.Dense(classes)

    def call(self, x):
        for layer in self.hidden:
            x = self.drop(layer(x), training=True)
        return self.logits(x)


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = Net(hidden, classes, dropout)
    optimizer = keras.optimizers.AdamW(learning_rate=lr, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model, optimizer
