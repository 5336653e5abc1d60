# track: keras
# seen: a checkpoint file
import os
import tempfile


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    lowest, found = float("inf"), None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.weights.h5")
        for epoch in range(1, epochs + 1):
            train_epoch(model)
            loss = evaluate(model, val)
            if loss < lowest:
                lowest, found = loss, epoch
                model.save_weights(path)
        model.load_weights(path)
    return found
