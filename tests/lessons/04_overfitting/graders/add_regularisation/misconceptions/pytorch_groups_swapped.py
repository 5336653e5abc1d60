# track: pytorch
# diagnosis: decay_on_biases_alone
# seen: the condition for the groups the wrong way round
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
    groups = [{"params": [p], "weight_decay": weight_decay * (p.ndim == 1)} for p in model.parameters()]
    return model, torch.optim.AdamW(groups, lr=lr)
