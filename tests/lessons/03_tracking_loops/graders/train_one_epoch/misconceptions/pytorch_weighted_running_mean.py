# track: pytorch
# diagnosis: running_mean
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        sizes.append(len(targets))
        total += loss.item() * len(targets)
        losses.append(total / sum(sizes))
    return losses, sizes
