# track: pytorch
# diagnosis: logit
# seen: NLLLoss expects log-probabilities
import torch
from torch import nn


def cross_entropy_from_logits(logits, targets):
    return nn.NLLLoss()(torch.tensor(logits), torch.tensor(targets)).item()
