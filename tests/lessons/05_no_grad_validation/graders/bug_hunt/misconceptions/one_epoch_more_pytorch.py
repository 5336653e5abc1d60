# track: pytorch
# diagnosis: wrong_number_of_epochs
# seen: `range(epochs + 1)`: one epoch more than asked
import torch
def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs + 1):
        model.train()
        total, n = 0.0, 0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            n += len(y)
        history["loss"].append(total / n)
        model.eval()
        vtotal, m = 0.0, 0
        with torch.no_grad():
            for x, y in val_loader:
                vtotal += loss_fn(model(x), y).item() * len(y)
                m += len(y)
        history["val_loss"].append(vtotal / m)
    return history
