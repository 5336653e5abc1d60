# track: pytorch
import torch


@torch.no_grad()
def validate(model, loader, loss_fn):
    model.eval()
    total = sum(loss_fn(model(x), y).item() * len(y) for x, y in loader)
    model.train()
    return total / len(loader.dataset)


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    model.train()
    for _ in range(epochs):
        total = 0.0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(x)
        history["loss"].append(total / len(train_loader.dataset))
        history["val_loss"].append(validate(model, val_loader, loss_fn))
    return history
