# track: pytorch
# seen: a NumPy array and NumPy numbers in the report
import copy

import numpy as np


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    losses, wait, low = np.empty(0), 0, np.inf
    for epoch in range(max_epochs):
        train_epoch(model)
        loss = evaluate(model, val)
        losses = np.append(losses, loss)
        if loss < low:
            low, wait, best_weights = loss, 0, copy.deepcopy(model.state_dict())
        else:
            wait += 1
            if wait == patience:
                break
    model.load_state_dict(best_weights)
    return dict(val_loss=losses, best_epoch=losses.argmin() + 1, test_loss=np.float32(evaluate(model, test)))
