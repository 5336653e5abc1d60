# track: pytorch
# diagnosis: needs_length
# seen: an iterable may have no length
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [0.0] * len(loader), [0] * len(loader)
    for i, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses[i], sizes[i] = loss.item(), len(targets)
    return losses, sizes
