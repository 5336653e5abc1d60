# track: keras
# diagnosis: flags_changed
# seen: the model's flag put back, which sets every layer's
def evaluate(model, batches, loss_fn):
    was = model.trainable
    model.trainable = False
    total, n = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        n += len(y)
    model.trainable = was
    return total / n
