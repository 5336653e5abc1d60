# track: pytorch
# diagnosis: wrong_weights
# seen: the copy is made before the epoch that turns out to be better
import copy
import math


def keep_best_weights(model, train_epoch, evaluate, val_data, epochs):
    best, best_epoch, kept = math.inf, 0, None
    for epoch in range(1, epochs + 1):
        before = copy.deepcopy(model.state_dict())
        train_epoch(model)
        loss = evaluate(model, val_data)
        if loss < best:
            best, best_epoch, kept = loss, epoch, before
    model.load_state_dict(kept)
    return best_epoch
