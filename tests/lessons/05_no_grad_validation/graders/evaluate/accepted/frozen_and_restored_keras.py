# track: keras
def evaluate(model, batches, loss_fn):
    flags = [(layer, layer.trainable) for layer in model.layers]
    whole = model.trainable
    model.trainable = False
    total, n = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        n += len(y)
    model.trainable = whole
    for layer, flag in flags:
        layer.trainable = flag
    return total / n
