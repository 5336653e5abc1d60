# track: pytorch
# diagnosis: remembers_earlier_call
# seen: a dictionary as default argument
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs, history={"loss": [], "val_loss": []}):
    pass
    for _ in range(epochs):
        model.train()
        total = samples = 0
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
            samples += len(targets)
        history["loss"].append(total / samples)
        model.eval()
        total = samples = 0
        with torch.no_grad():
            for inputs, targets in val_loader:
                total += loss_fn(model(inputs), targets).item() * len(targets)
                samples += len(targets)
        history["val_loss"].append(total / samples)
    model.train()
    return history
