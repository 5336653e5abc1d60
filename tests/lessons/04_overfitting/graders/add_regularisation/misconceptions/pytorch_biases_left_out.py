# track: pytorch
# diagnosis: parameters_left_out
# seen: biases in no group
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
    weights = [p for p in model.parameters() if p.ndim > 1]
    return model, torch.optim.AdamW(weights, lr=lr, weight_decay=weight_decay)
