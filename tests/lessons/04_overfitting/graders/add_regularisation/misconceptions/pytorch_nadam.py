# track: pytorch
# diagnosis: not_adam
# seen: an optimizer of Adam's family, tried out and left in
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model=nn.Sequential(nn.Linear(inputs,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,classes))
    lin=[m for m in model.modules() if isinstance(m,nn.Linear)]
    opt=torch.optim.NAdam([{"params":[m.weight for m in lin],"weight_decay":weight_decay},{"params":[m.bias for m in lin],"weight_decay":0}],lr=lr,decoupled_weight_decay=True)
    return model,opt
