# track: pytorch
import torch
from torch import nn


class Drop(nn.Module):
    def __init__(self, p): super().__init__(); self.p = p
    def forward(self, x):
        if not self.training or self.p == 0: return x
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p)
def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    m = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), Drop(dropout), nn.Linear(hidden, hidden), nn.ReLU(), Drop(dropout), nn.Linear(hidden, classes))
    W = [p for p in m.parameters() if len(p.shape) == 2]
    B = [p for p in m.parameters() if len(p.shape) == 1]
    return m, torch.optim.AdamW([{"params": W, "lr": lr, "weight_decay": weight_decay}, {"params": B, "lr": lr, "weight_decay": 0.0}])
