# diagnosis: double_softmax
# track: pytorch
# seen: models whose last layer is nn.Softmax, trained with nn.CrossEntropyLoss
import torch
from torch import nn


def cross_entropy_from_logits(logits, targets):
    p = torch.softmax(torch.as_tensor(logits), dim=1)
    return nn.CrossEntropyLoss()(p, torch.as_tensor(targets)).item()
