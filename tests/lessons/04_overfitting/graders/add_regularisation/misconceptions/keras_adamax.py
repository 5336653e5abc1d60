# track: keras
# diagnosis: not_adam
# seen: an optimizer of Adam's family, tried out and left in
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m=keras.Sequential([keras.Input((inputs,)),keras.layers.Dense(hidden,"relu"),keras.layers.Dropout(dropout),keras.layers.Dense(hidden,"relu"),keras.layers.Dropout(dropout),keras.layers.Dense(classes)])
    o=keras.optimizers.Adamax(learning_rate=lr,weight_decay=weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m,o
