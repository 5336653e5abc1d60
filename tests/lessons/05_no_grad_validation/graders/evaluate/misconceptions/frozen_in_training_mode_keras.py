# track: keras
# diagnosis: no_eval
# seen: trainable = False believed to switch dropout off
def evaluate(model, batches, loss_fn):
    flag = model.trainable
    model.trainable = False
    total, n = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=True))) * len(y)
        n += len(y)
    model.trainable = flag
    return total / n
