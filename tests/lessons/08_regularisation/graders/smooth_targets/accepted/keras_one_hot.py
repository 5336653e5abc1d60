# track: keras
import keras
import numpy as np


def smooth_targets(labels, n_classes, eps):
    hot = keras.utils.to_categorical(labels, n_classes)
    targets = hot * (1 - eps) + eps / n_classes
    logs = np.log(np.clip(targets, 1e-38, 1))
    return targets, float(-(targets * logs).sum(axis=1).mean())
