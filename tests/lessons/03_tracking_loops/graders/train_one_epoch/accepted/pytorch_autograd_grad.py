# track: pytorch
import torch


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    losses, sizes = [], []
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        optimizer.step()
        losses.append(loss.item())
        sizes.append(targets.size(0))
    return tuple(losses), tuple(sizes)
