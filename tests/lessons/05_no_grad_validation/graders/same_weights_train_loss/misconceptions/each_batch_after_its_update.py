# track: pytorch
# diagnosis: measured_batch_by_batch
# seen: a second measurement inside the loop
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    s = n = t = 0
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        s += loss.item() * len(y)
        n += len(y)
        with torch.no_grad():
            model.eval()
            t += loss_fn(model(x), y).item() * len(y)
            model.train()
    return s / n, t / n
