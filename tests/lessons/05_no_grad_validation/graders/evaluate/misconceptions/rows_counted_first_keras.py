# track: keras
# diagnosis: gone_through_twice
# seen: rows counted in a loop of their own, before
def evaluate(model, batches, loss_fn):
    n = sum(len(y) for _, y in batches)
    return sum(float(loss_fn(y, model(x, training=False))) * len(y) for x, y in batches) / n
