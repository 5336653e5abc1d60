# track: keras
# diagnosis: mode_left_in_eval
# seen: trainable taken for eval()
def evaluate(model, batches, loss_fn):
    model.trainable = False
    total, n = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        n += len(y)
    return total / n
