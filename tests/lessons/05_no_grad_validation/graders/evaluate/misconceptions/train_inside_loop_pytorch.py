# track: pytorch
# diagnosis: mode_restored_too_early
# seen: train() indented one level too far
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    loss_sum, samples = 0.0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
            samples += len(targets)
            model.train()
    return loss_sum / samples
