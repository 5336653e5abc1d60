# track: keras
# diagnosis: settings_changed
# seen: dropout switched off for good by its rate
import keras


def evaluate(model, dataset, loss_fn):
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    total, count = 0.0, 0
    for x, y in dataset:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        count += len(y)
    return total / count
