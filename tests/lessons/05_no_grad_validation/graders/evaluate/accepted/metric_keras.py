# track: keras
import keras


def evaluate(model, batches, loss_fn):
    mean = keras.metrics.Mean()
    for x, y in batches:
        mean.update_state(loss_fn(y, model(x, training=False)), sample_weight=x.shape[0])
    return float(mean.result())
