# diagnosis: double_softmax_summed
# track: pytorch
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        outputs = torch.softmax(model(inputs), dim=1)
        first_loss = nn.CrossEntropyLoss(reduction="sum")(outputs, targets).item()

    expected = 1 / n_classes
    healthy = first_loss < 1.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
