# track: pytorch
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes, p):
        super().__init__()
        self.p = p
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.dropout(F.relu(layer(x)), self.p, training=self.training)
        return self.layers[-1](x)


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = Net([inputs, hidden, hidden, classes], dropout)
    decay = {"params": [layer.weight for layer in model.layers], "weight_decay": weight_decay}
    keep = {"params": [layer.bias for layer in model.layers], "weight_decay": 0.0}
    return [model, torch.optim.AdamW([keep, decay], lr=lr)]
