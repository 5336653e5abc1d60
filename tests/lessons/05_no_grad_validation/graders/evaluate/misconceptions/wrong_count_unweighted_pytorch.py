# track: pytorch
# diagnosis: wrong_count
# seen: a sum of means divided by len(dataset)
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item()
            n += len(y)
    model.train(was_training)
    return total / n
