# track: pytorch
# seen: AdamW with the betas that language models are trained with
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    groups = [
        {"params": [layer.weight for layer in linear], "weight_decay": weight_decay},
        {"params": [layer.bias for layer in linear], "weight_decay": 0.0},
    ]
    return model, torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))
