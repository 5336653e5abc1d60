# track: pytorch
# diagnosis: unwritten_helper
# seen: written before train_one_epoch was
import torch


def train_one_epoch(model, loader, loss_fn, optimizer):
    raise NotImplementedError()


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
        history["val_loss"].append(val_sum / val_samples)
        model.train()
    return history
