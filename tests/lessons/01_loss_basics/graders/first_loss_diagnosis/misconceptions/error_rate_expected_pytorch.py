# diagnosis: chance_error_rate
# track: pytorch
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()

    expected = 1 - 1 / n_classes
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
