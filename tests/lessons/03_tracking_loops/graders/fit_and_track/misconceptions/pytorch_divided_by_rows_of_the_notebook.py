# track: pytorch
# diagnosis: names_from_outside
# seen: the notebook has a `data`
import torch

from types import SimpleNamespace

data = SimpleNamespace(val=SimpleNamespace(x=[0.0] * 360))


def epoch_loss(losses, sizes):
    return sum(loss * size for loss, size in zip(losses, sizes)) / sum(sizes)


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        losses, sizes = train_one_epoch(model, train_loader, loss_fn, optimizer)
        history["loss"].append(epoch_loss(losses, sizes))
        model.eval()
        val_sum, val_samples = 0.0, 0
        with torch.no_grad():
            for inputs, targets in val_loader:
                val_sum += loss_fn(model(inputs), targets).item() * len(targets)
                val_samples += len(targets)
        history["val_loss"].append(val_sum / len(data.val.x))
        model.train()
    return history
