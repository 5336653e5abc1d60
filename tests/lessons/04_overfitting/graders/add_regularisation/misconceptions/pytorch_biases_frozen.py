# track: pytorch
# diagnosis: parameters_frozen
# seen: requires_grad off, so that biases do not decay
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
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.endswith("bias"))
    groups = [{"params": [p for p in model.parameters() if p.requires_grad], "weight_decay": weight_decay}]
    return model, torch.optim.AdamW(groups, lr=lr)
