# track: pytorch
# seen: one group for each parameter
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    def block(a,b): return [nn.Linear(a,b,bias=True), nn.ReLU(), nn.Dropout(dropout)]
    model=nn.Sequential(nn.Sequential(*block(inputs,hidden)),nn.Sequential(*block(hidden,hidden)),nn.Linear(hidden,classes))
    groups=[{"params":[p],"weight_decay":weight_decay if p.dim()==2 else 0} for p in model.parameters()]
    return model, torch.optim.AdamW(groups, lr, foreach=False)
