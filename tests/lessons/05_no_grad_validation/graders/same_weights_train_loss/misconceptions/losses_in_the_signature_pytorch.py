# track: pytorch
# diagnosis: remembers_earlier_call
# seen: a list as a default argument
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer, losses=[]):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses += [loss.item()] * len(targets)
    model.eval()
    with torch.no_grad():
        again = [(loss_fn(model(x), y).item(), len(y)) for x, y in train_loader]
    return sum(losses) / len(losses), sum(v * n for v, n in again) / sum(n for _, n in again)
