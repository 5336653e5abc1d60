# track: pytorch
# diagnosis: rows_dropped
# seen: a mask with one number for each row
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    class Drop(nn.Module):
        def forward(self, x):
            if not self.training:
                return x
            return x * (torch.rand(len(x), 1) > dropout) / (1 - dropout)

    model = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), Drop(), nn.Linear(hidden, hidden), nn.ReLU(), Drop(), nn.Linear(hidden, classes)
    )
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return model, torch.optim.AdamW(groups, lr=lr)
