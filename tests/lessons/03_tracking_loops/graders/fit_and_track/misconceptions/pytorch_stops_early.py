# track: pytorch
# diagnosis: wrong_number_of_epochs
# seen: the loop over the epochs ends at the first rise of the validation loss
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": [float("inf")]}
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
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in val_loader]
        history["val_loss"].append(sum(a * n for a, n in pairs) / sum(n for _, n in pairs))
        if history["val_loss"][-1] > history["val_loss"][-2]:
            break
    model.train()
    return {"loss": history["loss"], "val_loss": history["val_loss"][1:]}
