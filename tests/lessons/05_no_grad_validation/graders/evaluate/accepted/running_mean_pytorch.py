# track: pytorch
import torch


def evaluate(model, loader, loss_fn):
    was = model.training
    model.eval()
    mean, seen = torch.zeros(()), 0
    with torch.no_grad():
        for x, y in loader:
            seen += len(y)
            mean += (loss_fn(model(x), y) - mean) * len(y) / seen
    model.train(mode=was)
    return mean.item()
