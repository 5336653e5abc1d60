# track: pytorch
# diagnosis: gradients_left_off
# seen: switched off for the validation that comes next
import torch


def train_one_epoch(model, loader, loss_fn, optimizer):
    torch.set_grad_enabled(True)
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    torch.set_grad_enabled(False)
    return losses, sizes
