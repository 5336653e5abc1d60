# track: pytorch
# diagnosis: validated_every_batch
# seen: the validation pass indented into the loop over batches
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    h = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        t = n = v = m = 0
        for x, y in train_loader:
            model.train()
            optimizer.zero_grad()
            loss = loss_fn(model(x), y); loss.backward(); optimizer.step()
            t += loss.item() * len(x); n += len(x)
            model.eval()
            with torch.no_grad():
                for a, b in val_loader:
                    v += loss_fn(model(a), b).item() * len(a); m += len(a)
            model.train()
        h["loss"].append(t / n)
        h["val_loss"].append(v / m)
    return h
