# track: pytorch
# diagnosis: flags_changed
# seen: requires_grad_(True) against an error about gradients
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train().requires_grad_(True)
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
