# track: pytorch
# diagnosis: graph_used_twice
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        total = total + loss_fn(model(inputs), targets)
        loss = total
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
