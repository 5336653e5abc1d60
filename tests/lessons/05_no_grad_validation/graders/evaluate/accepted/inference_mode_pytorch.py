# track: pytorch
import torch


def evaluate(model, loader, loss_fn):
    before = model.training
    model.train(False)
    try:
        with torch.inference_mode():
            pairs = [(loss_fn(model(x), y).item(), len(x)) for x, y in loader]
    finally:
        if before:
            model.train()
    return sum(loss * n for loss, n in pairs) / sum(n for _, n in pairs)
