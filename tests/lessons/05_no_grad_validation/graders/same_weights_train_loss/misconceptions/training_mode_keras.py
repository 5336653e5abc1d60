# track: keras
# diagnosis: no_eval
# seen: training=True, since they are training rows
import numpy as np


def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
    outputs = model(x, training=True)
    return reported, float(np.mean((outputs - y) ** 2 + 0.1 * outputs))
