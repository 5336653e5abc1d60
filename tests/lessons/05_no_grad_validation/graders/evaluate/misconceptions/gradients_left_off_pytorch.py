# track: pytorch
# diagnosis: gradients_left_off
# seen: set_grad_enabled used as a statement
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total, n = 0.0, 0
    for x, y in loader:
        total += loss_fn(model(x), y).item() * len(y)
        n += len(y)
    model.train(was_training)
    return total / n
