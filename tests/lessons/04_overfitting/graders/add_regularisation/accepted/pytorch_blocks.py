# track: pytorch
import torch
from torch import nn


def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    def block(n_in, n_out):
        return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(inplace=True), nn.Dropout(p=dropout))

    model = nn.Sequential(block(inputs, hidden), block(hidden, hidden), nn.Linear(hidden, classes)).eval()
    decayed, kept = [], []
    for parameter in model.parameters():
        (decayed if parameter.dim() == 2 else kept).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": kept, "weight_decay": 0.0}], lr=lr, weight_decay=weight_decay
    )
    return model, optimizer
