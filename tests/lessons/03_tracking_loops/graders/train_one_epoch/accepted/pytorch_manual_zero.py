# track: pytorch
import torch, copy, itertools
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    L,S=[],[]
    for x,y in loader:
        [p.grad.zero_() for p in model.parameters() if p.grad is not None]
        loss=loss_fn(model(x),y)
        loss.backward()
        optimizer.step()
        L.append(loss.item()); S.append(len(y))
    pass
    return L,S
