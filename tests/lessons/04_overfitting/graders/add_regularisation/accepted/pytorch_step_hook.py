# track: pytorch
# seen: decay in a hook before Adam's step
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model=nn.Sequential(nn.Linear(inputs,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,classes))
    opt=torch.optim.Adam(model.parameters(), lr=lr)
    def decay(optimizer,args,kwargs):
        with torch.no_grad():
            for p in model.parameters():
                if p.ndim>1: p.mul_(1-lr*weight_decay)
    opt.register_step_pre_hook(decay)
    return model,opt
