# track: pytorch
# diagnosis: flags_changed
# seen: requires_grad switched off and on again for all
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval().requires_grad_(False)
    loss_sum = samples = 0
    for inputs, targets in loader:
        loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
        samples += len(targets)
    model.requires_grad_(True).train(was_training)
    return loss_sum / samples
