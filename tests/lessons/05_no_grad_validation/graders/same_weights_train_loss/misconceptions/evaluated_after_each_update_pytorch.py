# track: pytorch
# diagnosis: measured_after_update
# seen: each batch is measured in evaluation mode after its update
import torch


def measure(model, batches, loss_fn):
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for inputs, targets in batches:
            total += loss_fn(model(inputs), targets).item() * len(targets)
            n += len(targets)
    model.train()
    return total / n


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    total, n = 0.0, 0
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
        total += measure(model, [(inputs, targets)], loss_fn) * len(targets)
        n += len(targets)
    return total / n, measure(model, train_loader, loss_fn)
