# track: pytorch
# diagnosis: backward_on_validation_rows
# seen: the training loop copied, without the step
def epoch_loss(losses, sizes):
    return sum(a * n for a, n in zip(losses, sizes)) / sum(sizes)


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(x))
    return losses, sizes


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    tl, vl = [], []
    for _ in range(epochs):
        tl.append(epoch_loss(*train_one_epoch(model, train_loader, loss_fn, optimizer)))
        model.eval()
        t = n = 0
        for x, y in val_loader:
            loss = loss_fn(model(x), y)
            loss.backward()
            t += loss.item() * len(x); n += len(x)
        vl.append(t / n)
        model.train()
    return {"loss": tl, "val_loss": vl}
