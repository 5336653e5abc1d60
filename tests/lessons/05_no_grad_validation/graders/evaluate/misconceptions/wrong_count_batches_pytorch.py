# track: pytorch
# diagnosis: wrong_count
# seen: weighted, then divided by len(loader)
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    total, batches = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            batches += 1
    model.train(was_training)
    return total / batches
