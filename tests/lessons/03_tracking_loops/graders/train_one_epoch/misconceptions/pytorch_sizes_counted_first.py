# track: pytorch
# diagnosis: gone_through_twice
# seen: a first pass over the loader to count, a second to train
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    batch_sizes = [targets.shape[0] for _, targets in loader]
    batch_losses = []
    for inputs, targets in loader:
        optimizer.zero_grad()
        batch_loss = loss_fn(model(inputs), targets)
        batch_loss.backward()
        optimizer.step()
        batch_losses.append(float(batch_loss))
    return batch_losses, batch_sizes
