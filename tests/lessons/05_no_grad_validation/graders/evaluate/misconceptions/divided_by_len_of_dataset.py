# track: pytorch
# diagnosis: needs_length
# seen: tutorials that divide by len(loader.dataset)
import torch


def evaluate(model, loader, loss_fn):
    was = model.training
    model.eval()
    total = 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
    model.train(was)
    return total / len(loader.dataset)
