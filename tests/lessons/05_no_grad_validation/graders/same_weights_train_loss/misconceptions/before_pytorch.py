# track: pytorch
# diagnosis: val_before_epoch
# seen: the two passes in the wrong order
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.eval()
    before, n = 0.0, 0
    with torch.no_grad():
        for x, y in train_loader:
            before += loss_fn(model(x), y).item() * len(y)
            n += len(y)
    model.train()
    total = 0.0
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / n, before / n
