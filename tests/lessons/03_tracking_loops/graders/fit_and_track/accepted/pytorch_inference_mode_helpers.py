# track: pytorch
import torch


def train(model, loader, loss_fn, optimizer):
    model.train()
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item(), len(targets)


@torch.inference_mode()
def validate(model, loader, loss_fn):
    model.eval()
    pairs = [(loss_fn(model(inputs), targets), len(targets)) for inputs, targets in loader]
    model.train()
    return pairs


def mean(pairs):
    pairs = list(pairs)
    return float(sum(loss * n for loss, n in pairs) / sum(n for _, n in pairs))


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    losses, val_losses = [], []
    for _ in range(epochs):
        losses.append(mean(train(model, train_loader, loss_fn, optimizer)))
        val_losses.append(mean(validate(model, val_loader, loss_fn)))
    return dict(loss=losses, val_loss=val_losses)
