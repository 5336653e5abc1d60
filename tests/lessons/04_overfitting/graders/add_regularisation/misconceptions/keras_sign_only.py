# track: keras
# diagnosis: sign_alone
# seen: Lion, tried out as "the better AdamW" and left in
import keras


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m=keras.Sequential([keras.Input((inputs,)),keras.layers.Dense(hidden,"relu"),keras.layers.Dropout(dropout),keras.layers.Dense(hidden,"relu"),keras.layers.Dropout(dropout),keras.layers.Dense(classes)])
    o=keras.optimizers.Lion(learning_rate=lr,weight_decay=weight_decay)
    o.exclude_from_weight_decay(var_names=["bias"])
    return m,o
