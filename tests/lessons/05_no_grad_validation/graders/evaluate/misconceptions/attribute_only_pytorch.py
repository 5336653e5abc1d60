# track: pytorch
# diagnosis: mode_left_in_eval
# seen: the attribute put back, which leaves the layers where they were
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            n += len(y)
    model.training = was_training
    return total / n
