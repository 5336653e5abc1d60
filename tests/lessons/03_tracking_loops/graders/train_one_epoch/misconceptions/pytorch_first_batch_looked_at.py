# track: pytorch
# diagnosis: gone_through_twice
# seen: next(iter(loader)) for the batch size, after which a generator's first batch is gone
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    full = len(next(iter(loader))[1])
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(min(full, len(targets)))
    return losses, sizes
