# track: pytorch
# diagnosis: not_reset_per_epoch
# seen: the sums created before the loop over epochs
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    total, samples = 0.0, 0
    for _ in range(epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            samples += len(y)
        history["loss"].append(total / samples)
        model.eval()
        val_total, count = 0.0, 0
        with torch.no_grad():
            for x, y in val_loader:
                val_total += loss_fn(model(x), y).item() * len(y)
                count += len(y)
        history["val_loss"].append(val_total / count)
    return history
