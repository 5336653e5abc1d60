# track: pytorch
# diagnosis: best_epoch_from_patience
# seen: best epoch worked out as the last minus patience, also where the limit ended it
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    history, best_loss, best_epoch, best_weights, wait = [], float("inf"), 0, None, 0
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        history.append(loss)
        if loss < best_loss:
            best_loss, best_epoch, best_weights, wait = loss, epoch, copy.deepcopy(model.state_dict()), 0
        else:
            wait += 1
            if wait >= patience:
                break
    model.load_state_dict(best_weights)
    return {"val_loss": history, "best_epoch": len(history) - patience, "test_loss": evaluate(model, test)}
