# track: pytorch
# diagnosis: settings_changed
# seen: dropout switched off for good by its share
import torch
from torch import nn


def evaluate(model, loader, loss_fn):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            count += len(y)
    for module, training in modes:
        module.training = training
    return total / count
