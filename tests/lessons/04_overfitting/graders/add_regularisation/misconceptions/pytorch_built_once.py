# track: pytorch
# diagnosis: built_once
# seen: functools.cache around the whole function
import functools

import torch
from torch import nn


@functools.cache
def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    matrices = [p for p in model.parameters() if p.ndim == 2]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0}]
    return model, torch.optim.AdamW(groups, lr=lr)
