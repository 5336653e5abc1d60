# track: pytorch
# diagnosis: arrays_for_tensors
# seen: NumPy arrays handed to a PyTorch loss
from torch import nn


def mse(predictions, targets):
    return nn.MSELoss()(predictions, targets)
