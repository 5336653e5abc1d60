# track: pytorch
# seen: clones of every tensor, and a NumPy integer as the result
import numpy as np


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    losses = np.full(epochs, np.inf)
    for i in range(epochs):
        train_epoch(model)
        losses[i] = evaluate(model, val)
        if losses[i] < losses[:i].min(initial=np.inf):
            kept = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(kept)
    return losses.argmin() + 1
