# track: pytorch
import numpy as np
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    total = 0.0
    loss_fn = nn.CrossEntropyLoss(reduction="none")
    for x, y in zip(inputs.split(4), targets.split(4), strict=False):
        total += loss_fn(model(x), y).sum().item()
    first_loss = total / len(inputs)
    expected = np.log(n_classes)
    low, high = 0.8 * expected, 1.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": low <= first_loss <= high}
