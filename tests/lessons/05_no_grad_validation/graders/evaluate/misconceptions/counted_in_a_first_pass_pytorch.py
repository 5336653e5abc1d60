# track: pytorch
# diagnosis: gone_through_twice
# seen: samples counted before they are measured
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    samples = sum(len(targets) for _, targets in loader)
    mean = 0.0
    with torch.no_grad():
        for inputs, targets in loader:
            mean += loss_fn(model(inputs), targets).item() * len(targets) / samples
    model.train(was_training)
    return mean
