# track: pytorch
import torch, copy, itertools
def train_one_epoch(model, loader, loss_fn, optimizer):
    [m.train() for m in model.modules()]
    L,S=[],[]
    for x,y in loader:
        optimizer.zero_grad()
        loss=loss_fn(model(x),y)
        loss.backward()
        optimizer.step()
        L.append(loss.item()); S.append(len(y))
    pass
    return L,S
