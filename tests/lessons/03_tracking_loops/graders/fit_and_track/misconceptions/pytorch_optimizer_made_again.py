# track: pytorch
# diagnosis: optimizer_made_again
# seen: a new optimizer for every epoch
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.train()
        pairs = []
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            pairs.append((loss.item(), len(targets)))
        history["loss"].append(sum(a * n for a, n in pairs) / sum(n for _, n in pairs))
        rate, momentum = (optimizer.param_groups[0][name] for name in ("lr", "momentum"))
        optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in val_loader]
        model.train()
        history["val_loss"].append(sum(a * n for a, n in pairs) / sum(n for _, n in pairs))
    return history
