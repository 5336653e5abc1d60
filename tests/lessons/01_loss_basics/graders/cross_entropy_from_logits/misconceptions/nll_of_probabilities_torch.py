# track: pytorch
# diagnosis: probability
# seen: NLLLoss expects log-probabilities
import torch
from torch import nn


def cross_entropy_from_logits(logits, targets):
    return nn.functional.nll_loss(torch.softmax(torch.tensor(logits), 1), torch.tensor(targets)).item()
