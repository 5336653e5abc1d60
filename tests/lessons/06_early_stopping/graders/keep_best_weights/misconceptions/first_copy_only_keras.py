# track: keras
# diagnosis: initial_weights
# seen: the copy is made before the first epoch
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss, best_epoch, best_weights = math.inf, None, model.get_weights()
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        if val_loss < best_loss:
            best_loss, best_epoch = val_loss, epoch
    model.set_weights(best_weights)
    return best_epoch
