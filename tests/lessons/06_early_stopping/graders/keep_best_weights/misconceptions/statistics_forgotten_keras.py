# track: keras
# diagnosis: statistics_forgotten
# seen: only the trainable weights are copied
import numpy as np


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss = float("inf")
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best = [np.array(v) for v in model.trainable_variables]
    for variable, kept in zip(model.trainable_variables, best):
        variable.assign(kept)
    return best_epoch
