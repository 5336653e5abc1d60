# track: pytorch
# diagnosis: validated_on_training_rows
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        model.train()
        loss_sum, samples = 0.0, 0
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(targets)
            samples += len(targets)
        history["loss"].append(loss_sum / samples)
        model.eval()
        val_sum, val_samples = 0.0, 0
        with torch.no_grad():
            for inputs, targets in val_loader:
                val_sum += loss_fn(model(inputs), targets).item() * len(targets)
                val_samples += len(targets)
        history["val_loss"].append(loss_sum / samples)
        model.train()
    return history
