# track: keras
# seen: a copy of the whole model
import copy


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best = None
    for number in range(epochs):
        train_epoch(model)
        loss = evaluate(model, val)
        if best is None or best[0] > loss:
            best = (loss, number + 1, copy.deepcopy(model))
    model.set_weights(best[2].get_weights())
    return best[1]
