# track: pytorch
import torch
from contextlib import contextmanager


@contextmanager
def measuring(model):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def evaluate(model, loader, loss_fn):
    batches = iter(loader)
    total, samples = 0.0, 0
    with measuring(model):
        while (batch := next(batches, None)) is not None:
            inputs, targets = batch
            total += float(loss_fn(model(inputs), targets)) * targets.shape[0]
            samples += targets.shape[0]
    return total / samples
