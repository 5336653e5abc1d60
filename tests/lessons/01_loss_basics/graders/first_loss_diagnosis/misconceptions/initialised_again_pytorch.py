# track: pytorch
# diagnosis: trained
import math
import torch
import torch.nn.functional as F


def first_loss_diagnosis(model, inputs, targets, n_classes):
    for part in model.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()
    first = F.cross_entropy(model(inputs), targets).item()
    expected = math.log(n_classes)
    return {"first_loss": first, "expected": expected, "healthy": abs(first - expected) < 0.2 * expected}
