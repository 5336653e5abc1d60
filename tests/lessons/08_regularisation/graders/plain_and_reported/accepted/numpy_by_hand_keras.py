# track: keras
import numpy as np


def cross_entropy(logits, labels, eps):
    z = np.asarray(logits, dtype=float)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(1 - eps) * logs[np.arange(len(labels)), labels].mean() - eps * logs.mean()


def plain_and_reported(model, train, val, lam, eps):
    penalty = lam * sum((w**2).sum() for w in model.get_weights() if w.ndim > 1)
    calm, unseen = model(train[0], training=False), model(val[0], training=False)
    return {
        "train_reported": cross_entropy(model(train[0], training=True), train[1], eps) + penalty,
        "train_plain": cross_entropy(calm, train[1], 0),
        "val_reported": cross_entropy(unseen, val[1], eps) + penalty,
        "val_plain": cross_entropy(unseen, val[1], 0),
    }
