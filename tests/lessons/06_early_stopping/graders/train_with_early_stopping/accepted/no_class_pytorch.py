# track: pytorch
# seen: no class: the distance to the best epoch decides
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    losses = []
    best = 0
    while len(losses) < max_epochs and (not losses or len(losses) - best < patience):
        train_epoch(model)
        losses.append(evaluate(model, val))
        if best == 0 or losses[-1] < losses[best - 1]:
            best, best_weights = len(losses), copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    return {"best_epoch": best, "test_loss": evaluate(model, test), "val_loss": losses}
