# track: pytorch
# diagnosis: running_total
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
        losses.append(total)
        sizes.append(len(targets))
    return losses, sizes
