# track: keras
# diagnosis: not_divided
# seen: a sum over batches
def evaluate(model, batches, loss_fn):
    return float(sum(loss_fn(y, model(x, training=False)) for x, y in batches))
