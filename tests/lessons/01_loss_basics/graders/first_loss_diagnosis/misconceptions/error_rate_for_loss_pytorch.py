# diagnosis: accuracy
# track: pytorch
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    first_loss = (model(inputs).argmax(dim=1) != targets).float().mean().item()
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
