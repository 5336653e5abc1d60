# track: pytorch
from contextlib import contextmanager

import torch
from torch.nn import functional


@contextmanager
def mode(model, training):
    before = [part for part in model.modules() if part.training]
    model.train(training)
    try:
        with torch.no_grad():
            yield
    finally:
        model.eval()
        for part in before:
            part.training = True


def plain_and_reported(model, train, val, lam, eps):
    penalty = lam * sum((p.detach() ** 2).sum() for p in model.parameters() if p.ndim > 1).item()
    losses = {}
    for name, (x, y) in {"train": train, "val": val}.items():
        with mode(model, name == "train"):
            losses[f"{name}_reported"] = functional.cross_entropy(model(x), y, label_smoothing=eps).item() + penalty
        with mode(model, False):
            losses[f"{name}_plain"] = functional.cross_entropy(model(x), y).item()
    return losses
