# diagnosis: sign
# track: pytorch
import numpy as np
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()

    expected = float(np.log(1 / n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
