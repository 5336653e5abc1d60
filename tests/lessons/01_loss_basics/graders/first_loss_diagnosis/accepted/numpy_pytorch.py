# track: pytorch
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    z = model(inputs).detach().numpy().astype(float)
    z = z - z.max(axis=1, keepdims=True)
    first_loss = float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), targets.numpy()]))
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
