# track: pytorch
# diagnosis: statistics_changed
# seen: dropout switched off by hand, batch norm forgotten
import torch
from torch import nn


def evaluate(model, loader, loss_fn):
    was_training = model.training
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # dropout is what makes it noisy
    total, n = 0.0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            total += loss_fn(model(inputs), targets).item() * len(targets)
            n += len(targets)
    model.train(was_training)
    return total / n
