# track: pytorch
# diagnosis: needs_length
# seen: the loader taken for a list
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item()
    model.train(was_training)
    return total / len(loader)
