# track: pytorch
# diagnosis: remembers_earlier_call
# seen: a list as a default argument
import torch


def evaluate(model, loader, loss_fn, losses=[]):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            losses += [loss_fn(model(inputs), targets).item()] * len(targets)
    model.train(was_training)
    return sum(losses) / len(losses)
