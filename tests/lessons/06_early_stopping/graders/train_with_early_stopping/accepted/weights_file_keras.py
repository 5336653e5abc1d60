# track: keras
import math
import os
import tempfile


def epochs_of(model, train_epoch, evaluate, val, limit):
    for epoch in range(1, limit + 1):
        train_epoch(model)
        yield epoch, evaluate(model, val)


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best, seen = (math.inf, 0), []
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "best.weights.h5")
        for epoch, loss in epochs_of(model, train_epoch, evaluate, val, max_epochs):
            seen.append(loss)
            if loss < best[0]:
                best = (loss, epoch)
                model.save_weights(file)
            elif epoch == best[1] + patience:
                break
        model.load_weights(file)
    return {"val_loss": seen, "best_epoch": best[1], "test_loss": evaluate(model, test)}
