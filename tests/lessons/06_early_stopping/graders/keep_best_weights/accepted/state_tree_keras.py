# track: keras
# seen: the state tree, copied leaf by leaf
import numpy as np


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    lowest = float("inf")
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss >= lowest:
            continue
        lowest, best_epoch = loss, epoch
        trainable = [np.copy(v.numpy()) for v in model.trainable_variables]
        others = [np.copy(v.numpy()) for v in model.non_trainable_variables]
    for variable, value in zip(model.trainable_variables + model.non_trainable_variables, trainable + others):
        variable.assign(value)
    return best_epoch
