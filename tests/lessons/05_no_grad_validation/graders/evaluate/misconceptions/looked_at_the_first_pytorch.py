# track: pytorch
# diagnosis: gone_through_twice
# seen: the first batch taken out to see its size
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    size = len(next(iter(loader))[1])
    loss_sum = samples = 0
    with torch.no_grad():
        for inputs, targets in loader:
            count = min(size, len(targets))
            loss_sum += loss_fn(model(inputs), targets).item() * count
            samples += count
    model.train(was_training)
    return loss_sum / samples
