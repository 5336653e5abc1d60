# diagnosis: broadcast
# track: pytorch
import torch
from torch import nn


def mse(predictions, targets):
    return nn.MSELoss()(torch.as_tensor(predictions), torch.as_tensor(targets)).item()
