# track: pytorch
# diagnosis: step_outside_loop
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        losses.append(loss.item())
        sizes.append(len(targets))
    optimizer.step()
    return losses, sizes
