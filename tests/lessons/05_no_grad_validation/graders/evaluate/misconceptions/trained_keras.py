# track: keras
# diagnosis: updates_on_validation_rows
# seen: train_on_batch taken for a measurement
def evaluate(model, batches, loss_fn):
    total, n = 0.0, 0
    for x, y in batches:
        total += float(model.train_on_batch(x, y)) * len(y)
        n += len(y)
    return total / n
