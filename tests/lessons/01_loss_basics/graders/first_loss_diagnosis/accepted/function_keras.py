# track: keras
import math

import keras


def first_loss_diagnosis(model, inputs, targets, n_classes):
    rows = keras.losses.sparse_categorical_crossentropy(targets, model(inputs, training=False), from_logits=True)
    first_loss = float(keras.ops.mean(rows))
    expected = -math.log(1 / n_classes)
    return {"first_loss": first_loss, "expected": expected, "healthy": 0.8 < first_loss / expected < 1.2}
