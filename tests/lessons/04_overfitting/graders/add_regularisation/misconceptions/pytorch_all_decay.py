# track: pytorch
# diagnosis: biases_decayed
# seen: one group for everything
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
    return model, torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
