# track: pytorch
# diagnosis: biases_missing
# seen: no bias, so no bias can decay
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = nn.Sequential(nn.Linear(inputs, hidden, bias=False), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, hidden, bias=False), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, classes, bias=False))
    return m, torch.optim.AdamW(m.parameters(), lr=lr, weight_decay=weight_decay)
