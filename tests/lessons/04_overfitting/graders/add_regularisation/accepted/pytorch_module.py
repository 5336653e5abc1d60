# track: pytorch
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, hidden, classes, dropout):
        super().__init__()
        self.out = nn.Linear(hidden, classes)
        self.second = nn.Linear(hidden, hidden)
        self.first = nn.Linear(inputs, hidden)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x = self.drop(torch.relu(self.first(x)))
        return self.out(self.drop(torch.relu(self.second(x))))


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    net = Net(inputs, hidden, classes, dropout)
    names = dict(net.named_parameters())
    optimizer = torch.optim.AdamW(
        [v for k, v in names.items() if k.endswith("weight")], lr=lr, weight_decay=weight_decay
    )
    optimizer.add_param_group({"params": [v for k, v in names.items() if k.endswith("bias")], "weight_decay": 0})
    return net, optimizer
