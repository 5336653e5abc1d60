# track: keras
# seen: all copies kept, and NumPy picks
import numpy as np


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    def one_epoch():
        train_epoch(model)
        return evaluate(model, val), model.get_weights()

    runs = [one_epoch() for _ in range(epochs)]
    best = int(np.argmin([loss for loss, _ in runs]))
    model.set_weights(runs[best][1])
    return np.int64(best + 1)
