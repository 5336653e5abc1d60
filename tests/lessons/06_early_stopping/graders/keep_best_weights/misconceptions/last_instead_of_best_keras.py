# track: keras
# diagnosis: never_updates_best
# seen: published: the best loss is never replaced
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best_loss, best_epoch, best_weights = math.inf, None, None
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        if val_loss < best_loss:
            best_epoch = epoch
            best_weights = model.get_weights()
    model.set_weights(best_weights)
    return best_epoch
