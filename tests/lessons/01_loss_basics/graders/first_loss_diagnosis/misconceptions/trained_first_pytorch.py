# diagnosis: trained
# seen: the loss measured after a training step
# track: pytorch
import math
import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.CrossEntropyLoss()(model(inputs), targets).backward()
    optimizer.step()
    first_loss = nn.CrossEntropyLoss()(model(inputs), targets).item()
    expected = math.log(n_classes)
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
