# diagnosis: graph_attached
# track: pytorch
import numpy as np
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    first_loss = nn.CrossEntropyLoss()(model(inputs), targets)
    expected = np.log(n_classes)
    healthy = bool(abs(first_loss - expected) < 0.2 * expected)
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
