# track: pytorch
# diagnosis: last_batch
# seen: the last batch's loss taken for the loss at the last weights
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
    return total / n, loss.item()
