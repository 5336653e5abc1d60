# diagnosis: one_sided
# track: pytorch
import numpy as np
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()

    expected = float(np.log(n_classes))
    healthy = first_loss < 1.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
