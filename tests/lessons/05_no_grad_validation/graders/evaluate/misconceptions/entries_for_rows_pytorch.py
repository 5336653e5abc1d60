# track: pytorch
# diagnosis: entries_counted
# seen: numel() of the targets weighs the batch, their length counts it
import torch


def evaluate(model, batches, loss_fn):
    mode = model.training
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += loss_fn(model(x), y).item() * y.numel()
            n += len(y)
    model.train(mode)
    return total / n
