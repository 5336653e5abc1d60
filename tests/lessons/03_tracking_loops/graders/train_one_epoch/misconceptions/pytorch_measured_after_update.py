# track: pytorch
# diagnosis: measured_after_update
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss_fn(model(inputs), targets).item())
        sizes.append(len(targets))
    return losses, sizes
