# track: pytorch
# diagnosis: dropout_always_on
# seen: F.dropout without its training argument
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, hidden, classes, dropout):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)
        self.p = dropout

    def forward(self, x):
        x = F.dropout(self.a(x).relu(), self.p)
        return self.c(F.dropout(self.b(x).relu(), self.p))


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = Net(inputs, hidden, classes, dropout)
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    return model, torch.optim.AdamW(groups, lr=lr)
