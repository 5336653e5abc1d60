# track: pytorch
# diagnosis: sums_not_reset_for_validation
# seen: one pair of sums for both passes
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    h = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.train()
        t = n = 0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y); loss.backward(); optimizer.step()
            t += loss.item() * len(x); n += len(x)
        h["loss"].append(t / n)
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                t += loss_fn(model(x), y).item() * len(x); n += len(x)
        h["val_loss"].append(t / n)
        model.train()
    return h
