# track: pytorch
# seen: keeps every epoch and chooses afterwards; measures validation once more
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    record = []
    for _ in range(max_epochs):
        train_loss = train_epoch(model)
        record.append((evaluate(model, val), copy.deepcopy(model.state_dict()), train_loss))
        losses = [entry[0] for entry in record]
        best = losses.index(min(losses))
        if len(losses) - 1 - best >= patience:
            break
    best_weights = record[best][1]
    model.load_state_dict(best_weights)
    evaluate(model, val)
    return {
        "val_loss": losses,
        "best_epoch": best + 1,
        "test_loss": evaluate(model, test),
        "train_loss": [entry[2] for entry in record],
    }
