# track: pytorch
# diagnosis: needs_length
# seen: loader.batch_size for the size of each batch
def train_one_epoch(model, loader, loss_fn, optimizer):
    L, N = [], []
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        L.append(loss.item()); N.append(loader.batch_size)
    return L, N
