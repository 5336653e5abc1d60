# track: pytorch
# diagnosis: reported_in_eval
# seen: a loss 'without dropout' for the record
import torch


def train_one_epoch(model, loader, loss_fn, optimizer):
    L, N = [], []
    for x, y in loader:
        model.eval()
        with torch.no_grad():
            L.append(loss_fn(model(x), y).item()); N.append(len(x))
        model.train()
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
    return L, N
