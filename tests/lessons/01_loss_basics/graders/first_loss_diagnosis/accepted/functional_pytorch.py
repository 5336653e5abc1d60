# track: pytorch
import math

import torch
from torch import nn


def first_loss_diagnosis(model, inputs, targets, n_classes):
    model.eval()
    with torch.inference_mode():
        first_loss = float(nn.functional.cross_entropy(model(inputs), targets))
    expected = -math.log(1 / n_classes)
    return {"first_loss": first_loss, "expected": expected, "healthy": 0.8 < first_loss / expected < 1.2}
