# diagnosis: inner_modes_overwritten
# track: pytorch
# seen: most code that restores a mode remembers that of the whole model alone
import torch
from torch.nn import functional


def plain_and_reported(model, train, val, lam, eps):
    def loss(part, training, smoothing):
        model.train(training)
        return functional.cross_entropy(model(part[0]), part[1], label_smoothing=smoothing).item()

    was = model.training
    with torch.no_grad():
        penalty = lam * sum((p**2).sum().item() for p in model.parameters() if p.ndim > 1)
        losses = {
            "train_reported": loss(train, True, eps) + penalty,
            "train_plain": loss(train, False, 0.0),
            "val_reported": loss(val, False, eps) + penalty,
            "val_plain": loss(val, False, 0.0),
        }
    model.train(was)
    return losses
