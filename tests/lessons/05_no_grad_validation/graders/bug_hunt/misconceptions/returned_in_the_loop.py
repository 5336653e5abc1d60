# track: pytorch
# diagnosis: returned_too_early
# seen: a return that is indented too far
import torch


def evaluate(model, loader, loss_fn):
    model.eval()
    total = n = 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            n += len(y)
    return total / n


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        model.train()
        total, n = 0.0, 0
        for inputs, targets in train_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(inputs)
            n += len(inputs)
        history["loss"].append(total / n)
        history["val_loss"].append(evaluate(model, val_loader, loss_fn))
        return history
