# track: pytorch
# diagnosis: other_limit
import math
import torch
import torch.nn.functional as F


def first_loss_diagnosis(model, inputs, targets, n_classes):
    with torch.no_grad():
        out = model(inputs)
        first = F.cross_entropy(out, targets).item()
    expected = math.log(n_classes)
    return {"first_loss": first, "expected": expected, "healthy": abs(first - expected) < 0.2}
