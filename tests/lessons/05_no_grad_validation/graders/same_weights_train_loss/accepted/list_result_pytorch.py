# track: pytorch
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    total, n = torch.zeros(()), 0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(y)
        n += len(y)
    model.eval()
    with torch.no_grad():
        outputs, targets = zip(*[(model(x), y) for x, y in train_loader])
        again = loss_fn(torch.cat(outputs), torch.cat(targets))
    return [total / n, again]
