# track: pytorch
# diagnosis: patience_ignored
# seen: the rule is made without the patience that was handed over
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs, wanted=5):
    best, best_epoch, val_loss = float("inf"), 0, []
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        val_loss.append(evaluate(model, val))
        if val_loss[-1] < best:
            best, best_epoch, kept = val_loss[-1], epoch, copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= wanted:
            break
    model.load_state_dict(kept)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
