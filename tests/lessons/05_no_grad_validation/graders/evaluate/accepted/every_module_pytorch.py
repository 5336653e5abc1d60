# track: pytorch
import numpy as np
import torch


def evaluate(model, loader, loss_fn):
    modes = {module: module.training for module in model.modules()}
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    losses, sizes = [], []
    for inputs, targets in loader:
        losses.append(float(loss_fn(model(inputs), targets)))
        sizes.append(len(inputs))
    torch.set_grad_enabled(enabled)
    for module, training in modes.items():
        module.training = training
    return float(np.average(losses, weights=sizes))
