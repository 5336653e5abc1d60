# track: pytorch
# diagnosis: other_loss
from torch import nn


def train_one_epoch(model, loader, loss_fn, optimizer):
    loss_fn = nn.MSELoss()
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
