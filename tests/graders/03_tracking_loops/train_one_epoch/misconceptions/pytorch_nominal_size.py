# track: pytorch
# diagnosis: nominal_batch_size
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    batch_size = len(next(iter(loader))[1])
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(batch_size)
    return losses, sizes
