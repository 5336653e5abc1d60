# track: pytorch
# diagnosis: backward_twice
# seen: a loop around backward
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        for _ in range(3):
            loss.backward(retain_graph=True)
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
