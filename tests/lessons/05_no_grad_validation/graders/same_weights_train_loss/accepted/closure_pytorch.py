# track: pytorch
import numpy as np
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for x, y in train_loader:

        def closure():
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            return loss

        losses.append(optimizer.step(closure).item())
        sizes.append(len(y))
    model.eval()
    with torch.inference_mode():
        again = [loss_fn(model(x), y).item() for x, y in train_loader]
    return np.average(losses, weights=sizes), np.average(again, weights=sizes)
