# track: pytorch
import numpy as np
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    losses, val_losses = [], []
    for epoch in range(epochs):
        model.train()
        batch_losses, batch_sizes = [], []
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
            batch_sizes.append(inputs.size(0))
        losses.append(np.average(batch_losses, weights=batch_sizes))
        model.eval()
        with torch.inference_mode():
            found = [(loss_fn(model(x), y).item(), len(y)) for x, y in val_loader]
        val_losses.append(np.average([f[0] for f in found], weights=[f[1] for f in found]))
    return {"val_loss": val_losses, "loss": losses}
