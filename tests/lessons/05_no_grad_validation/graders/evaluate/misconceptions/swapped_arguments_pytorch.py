# track: pytorch
# diagnosis: swapped_loss_arguments
# seen: habits from Keras
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    loss_sum, samples = 0.0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            loss_sum += loss_fn(targets, model(inputs)).item() * len(targets)
            samples += len(targets)
    model.train(was_training)
    return loss_sum / samples
