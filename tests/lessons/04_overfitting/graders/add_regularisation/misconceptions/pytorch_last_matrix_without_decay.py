# track: pytorch
# diagnosis: decay_on_some
# seen: the decay of the hidden layers alone
import torch
from torch import nn


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
    last = model[-1].weight
    biases = [p for p in model.parameters() if p.ndim == 1]
    hidden_ones = [p for p in model.parameters() if p.ndim == 2 and p is not last]
    groups = [
        {"params": hidden_ones, "weight_decay": weight_decay},
        {"params": [*biases, last], "weight_decay": 0.0},
    ]
    return model, torch.optim.AdamW(groups, lr=lr)
