# track: keras
import keras
import numpy as np
from keras import ops


def plain_and_reported(model, train, val, lam, eps):
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    penalty = lam * float(sum(ops.sum(ops.square(layer.kernel)) for layer in model.layers if hasattr(layer, "kernel")))

    def smooth(labels, logits):
        uniform = -np.asarray(ops.log_softmax(logits)).mean()
        return (1 - eps) * float(plain(labels, logits)) + eps * float(uniform)

    (x, y), (vx, vy) = train, val
    calm, unseen = model.predict(x, verbose=0), model.predict(vx, verbose=0)
    return {
        "train_reported": smooth(y, model(x, training=True)) + penalty,
        "train_plain": float(plain(y, calm)),
        "val_reported": smooth(vy, unseen) + penalty,
        "val_plain": float(plain(vy, unseen)),
    }
