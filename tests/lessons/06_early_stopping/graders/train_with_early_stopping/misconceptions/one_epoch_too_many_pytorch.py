# track: pytorch
# diagnosis: wrong_number_of_epochs
# seen: range to max_epochs + 2
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best, best_epoch, wait, kept, val_loss = None, 0, 0, None, []
    for epoch in range(1, max_epochs + 2):
        train_epoch(model)
        val_loss.append(evaluate(model, val))
        if best is None or val_loss[-1] < best:
            best, best_epoch, wait, kept = val_loss[-1], epoch, 0, copy.deepcopy(model.state_dict())
        else:
            wait += 1
            if wait >= patience:
                break
    model.load_state_dict(kept)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
