# track: pytorch
# diagnosis: batches_skipped
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for i, (inputs, targets) in enumerate(loader):
        if i == 0:
            continue
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
