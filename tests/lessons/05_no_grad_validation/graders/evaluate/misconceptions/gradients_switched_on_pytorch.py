# track: pytorch
# diagnosis: gradients_left_on
# seen: switched off before and on after, whatever it was
import torch


def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    loss_sum = samples = 0
    for inputs, targets in loader:
        loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
        samples += len(targets)
    torch.set_grad_enabled(True)
    model.train(was_training)
    return loss_sum / samples
