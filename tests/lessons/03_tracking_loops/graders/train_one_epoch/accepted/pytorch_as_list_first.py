# track: pytorch
import torch, copy, itertools
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    bs=list(loader); S=[len(y) for _,y in bs]; L=[]
    for x,y in bs:
        optimizer.zero_grad(); l=loss_fn(model(x),y); l.backward(); optimizer.step(); L.append(l.item())
    return L,S
