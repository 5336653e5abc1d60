# track: pytorch
import torch


from contextlib import contextmanager
def epoch_loss(losses, sizes):
    return sum(a * n for a, n in zip(losses, sizes)) / sum(sizes)


@contextmanager
def evaluating(m):
    was = m.training
    m.eval()
    try:
        with torch.no_grad():
            yield m
    finally:
        m.train(was)
def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    tl, vl = [], []
    for _ in range(epochs):
        model.train()
        ls, ns = [], []
        for x, y in train_loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ls.append(loss.item()); ns.append(len(x))
        tl.append(epoch_loss(ls, ns))
        with evaluating(model) as m:
            vl.append(epoch_loss(*zip(*[(loss_fn(m(x), y).item(), len(x)) for x, y in val_loader])))
    return {"loss": tl, "val_loss": vl}
