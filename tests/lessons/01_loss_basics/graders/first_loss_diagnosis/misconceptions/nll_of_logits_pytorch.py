# track: pytorch
# diagnosis: logit
# seen: NLLLoss expects log-probabilities
import numpy as np
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        out = model(inputs)
    first = nn.NLLLoss()(out, targets).item()
    expected = float(np.log(n_classes))
    healthy = abs(first - expected) < 0.2 * expected
    return {"first_loss": first, "expected": expected, "healthy": healthy}
