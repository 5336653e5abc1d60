# track: keras
# seen: a generator yields the epochs
def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    def epochs():
        for number in range(1, max_epochs + 1):
            train_epoch(model)
            yield number, evaluate(model, val)

    curve, best = {}, 1
    for number, loss in epochs():
        curve[number] = loss
        if loss < curve[best] or number == 1:
            best, best_weights = number, model.get_weights()
        elif number - best >= patience:
            break
    model.set_weights(best_weights)
    return {"val_loss": list(curve.values()), "best_epoch": best, "test_loss": evaluate(model, test)}
