# track: pytorch
import torch, copy, itertools
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    it=iter(loader); L=[];S=[]
    while (b:=next(it,None)) is not None:
        optimizer.zero_grad(); l=loss_fn(model(b[0]),b[1]); l.backward(); optimizer.step(); L+= [float(l)]; S+=[b[1].numel()]
    return L,S
