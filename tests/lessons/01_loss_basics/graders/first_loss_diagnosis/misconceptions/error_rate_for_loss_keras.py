# diagnosis: accuracy
# track: keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    first_loss = float(np.mean(np.argmax(model(inputs), axis=1) != targets))
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
