# diagnosis: follows
# track: pytorch
# seen: the training loss with its L2 penalty for the first loss
import math

import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()
        first_loss += 0.5 * sum(float((p**2).sum()) for p in model.parameters())
    expected = math.log(n_classes)
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
