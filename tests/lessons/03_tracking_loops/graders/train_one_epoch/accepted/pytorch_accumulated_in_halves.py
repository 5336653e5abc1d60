# track: pytorch
def train_one_epoch(model, loader, loss_fn, optimizer):
    # The gradient of a batch's mean is the weighted sum of those of its halves.
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        n, value = len(targets), 0.0
        half = max(1, n // 2)
        for part in (slice(0, half), slice(half, n)):
            if len(targets[part]):
                loss = loss_fn(model(inputs[part]), targets[part]) * (len(targets[part]) / n)
                loss.backward()
                value += loss.item()
        optimizer.step()
        losses.append(value)
        sizes.append(n)
    return losses, sizes
