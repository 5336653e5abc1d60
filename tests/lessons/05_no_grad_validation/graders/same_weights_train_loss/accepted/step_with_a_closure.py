# track: pytorch
import torch


def evaluate(model, loader, loss_fn):
    model.eval()
    total = n = 0
    with torch.no_grad():
        for x, y in loader:
            total += loss_fn(model(x), y).item() * len(y)
            n += len(y)
    return total / n


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    tot = cnt = 0
    for x, y in train_loader:

        def closure():
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        tot += loss.item() * len(x)
        cnt += len(x)
    return tot / cnt, evaluate(model, train_loader, loss_fn)
