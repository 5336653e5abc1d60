# track: pytorch
import copy

import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    model.train()
    history = {"loss": (), "val_loss": ()}
    for _ in range(epochs):
        running, rows = 0.0, 0
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward(retain_graph=True)
            optimizer.step()
            running += (loss.item() - running) * len(targets) / (rows := rows + len(targets))
        frozen = copy.deepcopy(model).requires_grad_(False).eval()
        losses, sizes = zip(*((loss_fn(frozen(x), y), y.numel()) for x, y in val_loader))
        val = torch.tensor(losses) @ torch.tensor(sizes, dtype=torch.float32) / sum(sizes)
        history["loss"] += (running,)
        history["val_loss"] += (val,)
    return history
