# track: pytorch
# diagnosis: running_total
import torch


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes, total, samples = [], [], 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        samples += len(targets)
        losses.append(total)
        sizes.append(len(targets))
    return losses, sizes
