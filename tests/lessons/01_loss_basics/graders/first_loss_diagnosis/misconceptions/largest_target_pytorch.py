# diagnosis: classes_of_the_labels
# track: pytorch
import math

import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()
    expected = math.log(int(targets.max()) + 1)
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
