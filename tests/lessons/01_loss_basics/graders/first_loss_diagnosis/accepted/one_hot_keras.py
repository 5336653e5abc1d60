# track: keras
import keras
import numpy as np


def first_loss_diagnosis(model, inputs, targets, n_classes):
    one_hot = keras.ops.one_hot(targets, n_classes)
    loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
    first_loss = float(loss_fn(one_hot, model(inputs)))
    expected = float(np.log(n_classes))
    healthy = abs(first_loss - expected) < 0.2 * expected
    return {"first_loss": first_loss, "expected": expected, "healthy": healthy}
