# track: pytorch
import numpy as np
import torch
from torch.func import functional_call


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": np.zeros(epochs), "val_loss": np.zeros(epochs)}
    for epoch in range(epochs):
        model.train()
        losses, sizes = zip(*[step(model, batch, loss_fn, optimizer) for batch in train_loader])
        history["loss"][epoch] = np.average(losses, weights=sizes)
        weights = {name: p.detach().clone() for name, p in model.named_parameters()}
        model.eval()
        losses = [loss_fn(functional_call(model, weights, (x,)), y).item() for x, y in val_loader]
        history["val_loss"][epoch] = np.average(losses, weights=[len(y) for _, y in val_loader])
        model.train()
    return history


def step(model, batch, loss_fn, optimizer):
    inputs, targets = batch
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item(), len(targets)
