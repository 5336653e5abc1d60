# track: pytorch
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train(True)
    losses, sizes = [], []
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        losses.append(loss.detach())
        sizes.append(targets.shape[0])
        optimizer.step()
    return losses, sizes
