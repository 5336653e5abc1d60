# track: keras
# diagnosis: mode_forced_to_training
# seen: trainable set to True at the end, whatever it was
def evaluate(model, batches, loss_fn):
    model.trainable = False
    total, n = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        n += len(y)
    model.trainable = True
    return total / n
