# track: pytorch
# diagnosis: gone_through_twice
# seen: len(list(loader)) for a progress bar
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    number = len(list(loader))
    losses, sizes = [0.0] * number, [0] * number
    for i, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses[i], sizes[i] = loss.item(), len(targets)
    return losses, sizes
