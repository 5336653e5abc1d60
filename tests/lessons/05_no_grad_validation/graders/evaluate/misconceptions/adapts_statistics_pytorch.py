# track: pytorch
# diagnosis: statistics_changed
# seen: recalibrating batch norm on the rows that are measured
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    total, n = 0.0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            model.train()
            model(inputs)  # let batch norm get used to the validation rows
            model.eval()
            total += loss_fn(model(inputs), targets).item() * len(targets)
            n += len(targets)
    model.train(was_training)
    return total / n
