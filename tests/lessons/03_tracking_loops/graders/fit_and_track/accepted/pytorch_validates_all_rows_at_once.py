# track: pytorch
import collections

import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = collections.defaultdict(list)
    x_val = torch.cat([x for x, _ in val_loader])
    y_val = torch.cat([y for _, y in val_loader])
    for _ in range(epochs):
        model.train()
        weighted, rows = 0, 0
        for x, y in train_loader:
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            weighted, rows = weighted + loss.item() * y.numel(), rows + y.numel()
        history["loss"] += [weighted / rows]
        was_training = model.training
        model.eval()
        with torch.no_grad():
            history["val_loss"] += [loss_fn(model(x_val), y_val).item()]
        model.train(was_training)
    return history
