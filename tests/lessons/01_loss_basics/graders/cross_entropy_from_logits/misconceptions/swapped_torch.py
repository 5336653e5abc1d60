# track: pytorch
# diagnosis: swapped_loss_arguments
import torch
from torch import nn


def cross_entropy_from_logits(logits, targets):
    return nn.CrossEntropyLoss()(torch.tensor(targets), torch.tensor(logits)).item()
