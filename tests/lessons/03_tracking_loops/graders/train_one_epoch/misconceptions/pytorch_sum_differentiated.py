# track: pytorch
# diagnosis: scaled_loss_differentiated
# seen: the sum over the samples, made for the record, is differentiated
def train_one_epoch(model, loader, loss_fn, optimizer):
    L, N = [], []
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y) * len(x)
        loss.backward()
        optimizer.step()
        L.append(loss.item() / len(x)); N.append(len(x))
    return L, N
