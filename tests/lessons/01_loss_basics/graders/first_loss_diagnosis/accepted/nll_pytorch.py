# track: pytorch
import numpy as np
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    outputs = nn.functional.log_softmax(model(inputs), dim=-1)
    summed = nn.NLLLoss(reduction="sum")(outputs, targets).item()
    first_loss = summed / len(targets)
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
