# track: pytorch
# diagnosis: dropout_on_output
# seen: the function as it was found
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, classes),
        nn.Dropout(dropout),
    )
    return model, torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
