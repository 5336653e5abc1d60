# track: pytorch
# diagnosis: not_remeasured
# seen: the epoch's mean taken for both
def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    total, n = 0.0, 0
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        n += len(y)
    return total / n, total / n
