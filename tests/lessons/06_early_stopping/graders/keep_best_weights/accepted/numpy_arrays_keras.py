# track: keras
# seen: NumPy copies of every variable, assigned back one by one
import numpy as np


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss = np.inf
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            kept = [np.array(v) for v in model.weights]
    for variable, value in zip(model.weights, kept):
        variable.assign(value)
    return best_epoch
