# track: keras
# diagnosis: needs_length
# seen: the batches taken for a list
def evaluate(model, batches, loss_fn):
    total = 0.0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False)))
    return total / len(batches)
