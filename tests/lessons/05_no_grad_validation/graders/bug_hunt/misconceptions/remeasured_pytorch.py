# track: pytorch
# diagnosis: loss_remeasured
# seen: evaluate used for both curves
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    def measure(loader):
        model.eval()
        total, n = 0.0, 0
        with torch.no_grad():
            for x, y in loader:
                total += loss_fn(model(x), y).item() * len(y)
                n += len(y)
        return total / n

    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.train()
        total, n = 0.0, 0
        for x, y in train_loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            n += len(y)
        history["loss"].append(measure(train_loader))
        history["val_loss"].append(measure(val_loader))
    return history
