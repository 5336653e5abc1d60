# track: pytorch
# diagnosis: wrong_number_of_epochs
import torch


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
    for epoch in range(3):
        losses, sizes = train_one_epoch(model, train_loader, loss_fn, optimizer)
        history["loss"].append(epoch_loss(losses, sizes))
        model.eval()
        val_sum, val_samples = 0.0, 0
        with torch.no_grad():
            for inputs, targets in val_loader:
                val_sum += loss_fn(model(inputs), targets).item() * len(targets)
                val_samples += len(targets)
        history["val_loss"].append(val_sum / val_samples)
        model.train()
    return history
