# track: pytorch
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        model.train()
        total, samples = 0.0, 0
        for inputs, targets in train_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
            samples += len(targets)
        model.eval()
        val_total, val_samples = 0.0, 0
        with torch.no_grad():
            for inputs, targets in val_loader:
                val_total += loss_fn(model(inputs), targets).item() * len(targets)
                val_samples += len(targets)
        history["loss"].append(total / samples)
        history["val_loss"].append(val_total / val_samples)
    return history
