# track: keras
# diagnosis: alias
# seen: the values of the variables, which are the live ones
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss, best_epoch, best_weights = math.inf, None, None
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        if val_loss < best_loss:
            best_loss, best_epoch = val_loss, epoch
            best_weights = [v.value for v in model.weights]
    for variable, value in zip(model.weights, best_weights):
        variable.assign(value)
    return best_epoch
