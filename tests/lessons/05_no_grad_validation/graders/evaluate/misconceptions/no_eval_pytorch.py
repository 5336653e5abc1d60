# track: pytorch
# diagnosis: no_eval
# seen: the most common omission in tutorials
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    loss_sum, samples = 0.0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
            samples += len(targets)
    model.train(was_training)
    return loss_sum / samples
