# track: pytorch
# diagnosis: initial_weights
# seen: a large number in place of infinity
import copy


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best, best_epoch = 1e6, 1
    kept = copy.deepcopy(model.state_dict())
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best:
            best, best_epoch, kept = loss, epoch, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best_epoch
