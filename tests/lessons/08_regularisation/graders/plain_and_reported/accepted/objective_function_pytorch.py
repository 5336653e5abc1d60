# track: pytorch
import torch
from torch.nn import functional


def plain_and_reported(model, train, val, lam, eps):
    def objective(x, y):
        squares = torch.stack([p.square().sum() for p in model.parameters() if p.dim() > 1]).sum()
        return functional.cross_entropy(model(x), y, label_smoothing=eps) + lam * squares

    was = {name: part.training for name, part in model.named_modules()}
    out = {}
    with torch.inference_mode():
        model.train()
        out["train_reported"] = float(objective(*train))
        model.eval()
        out["val_reported"] = float(objective(*val))
        for name, (x, y) in (("train_plain", train), ("val_plain", val)):
            out[name] = float(functional.cross_entropy(model(x), y))
    for name, part in model.named_modules():
        part.training = was[name]
    return out
