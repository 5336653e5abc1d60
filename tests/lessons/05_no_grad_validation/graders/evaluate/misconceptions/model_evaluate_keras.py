# track: keras
# diagnosis: compiled_loss
# seen: model.evaluate on each batch; loss_fn unused
def evaluate(model, batches, loss_fn):
    total, n = 0.0, 0
    for x, y in batches:
        total += model.evaluate(x, y, verbose=0) * len(y)
        n += len(y)
    return total / n
