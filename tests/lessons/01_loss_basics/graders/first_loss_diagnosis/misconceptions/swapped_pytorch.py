# diagnosis: swapped_loss_arguments
# track: pytorch
import numpy as np
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    first_loss = nn.CrossEntropyLoss()(targets, model(inputs)).item()
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
