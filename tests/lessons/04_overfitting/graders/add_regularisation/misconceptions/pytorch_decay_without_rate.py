# track: pytorch
# diagnosis: decay_without_rate
# seen: the factor lr, which the optimizer multiplies by, divided out
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, classes))
    return m, torch.optim.AdamW([{"params": [p for p in m.parameters() if p.ndim > 1], "weight_decay": weight_decay / lr}, {"params": [p for p in m.parameters() if p.ndim == 1], "weight_decay": 0}], lr=lr)
