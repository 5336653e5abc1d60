# track: pytorch
import torch
from torch.func import functional_call, grad_and_value


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        named = {k: v.detach() for k, v in model.named_parameters()}

        def loss_of(weights):
            return loss_fn(functional_call(model, weights, (inputs,)), targets)

        gradients, loss = grad_and_value(loss_of)(named)
        for name, parameter in model.named_parameters():
            parameter.grad = gradients[name]
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
