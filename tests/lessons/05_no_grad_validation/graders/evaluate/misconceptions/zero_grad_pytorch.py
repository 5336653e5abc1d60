# track: pytorch
# diagnosis: gradients_cleared
# seen: a zero_grad to be on the safe side
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    model.zero_grad()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            n += len(y)
    model.train(was_training)
    return total / n
