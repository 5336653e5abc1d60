# track: pytorch
# diagnosis: elements_counted
# seen: inputs.numel() for the number of rows
def train_one_epoch(model, loader, loss_fn, optimizer):
    L, N = [], []
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        L.append(loss.item()); N.append(x.numel())
    return L, N
