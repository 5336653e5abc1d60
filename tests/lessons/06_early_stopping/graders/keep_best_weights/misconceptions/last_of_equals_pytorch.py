# track: pytorch
# diagnosis: equal_improves
# seen: <= instead of <
import copy
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss, best_epoch, best_weights = math.inf, None, None
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        if val_loss <= best_loss:
            best_loss, best_epoch = val_loss, epoch
            best_weights = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    return best_epoch
