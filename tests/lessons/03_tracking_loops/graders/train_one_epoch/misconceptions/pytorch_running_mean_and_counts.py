# track: pytorch
# diagnosis: running_mean
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
        losses.append(total / samples)
        sizes.append(samples)
    return losses, sizes
