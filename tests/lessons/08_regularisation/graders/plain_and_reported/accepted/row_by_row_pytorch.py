# track: pytorch
import torch
from torch.nn import functional


def plain_and_reported(model, train, val, lam, eps):
    before = [(part, part.training) for part in model.modules()]

    def mean(rows, **how):
        losses = [functional.cross_entropy(model(x[None]), y[None], **how).item() for x, y in zip(*rows)]
        return sum(losses) / len(losses)

    with torch.no_grad():
        penalty = lam * sum(float((p * p).sum()) for p in model.parameters() if len(p.shape) > 1)
        model.train()
        result = {"train_reported": mean(train, label_smoothing=eps) + penalty}
        model.eval()
        result["train_plain"], result["val_plain"] = mean(train), mean(val)
        result["val_reported"] = mean(val, label_smoothing=eps) + penalty
    for part, mode in before:
        part.training = mode
    return result
