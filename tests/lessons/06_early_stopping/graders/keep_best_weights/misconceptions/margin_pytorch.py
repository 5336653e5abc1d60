# track: pytorch
# diagnosis: small_gains_ignored
# seen: the min_delta of early stopping carried over
import copy
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss = math.inf
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        if val_loss < best_loss - 1e-4:
            best_loss, best_epoch = val_loss, epoch
            best_weights = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    return best_epoch
