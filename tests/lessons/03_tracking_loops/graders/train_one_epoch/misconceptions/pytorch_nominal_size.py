# track: pytorch
# diagnosis: nominal_batch_size
# seen: the size of the first batch noted for all of them
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, size = [], None
    for inputs, targets in loader:
        size = size or len(targets)
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, [size] * len(losses)
