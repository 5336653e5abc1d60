# track: keras
import keras


def baseline_losses(n_classes, targets):
    t = keras.ops.cast(targets, "float32")
    return {
        "cross_entropy": float(keras.ops.log(float(n_classes))),
        "mse": float(keras.ops.mean(keras.ops.square(t - keras.ops.mean(t)))),
    }
