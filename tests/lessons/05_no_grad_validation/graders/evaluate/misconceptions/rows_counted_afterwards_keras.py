# track: keras
# diagnosis: gone_through_twice
# seen: rows counted in a loop of their own, after
def evaluate(model, batches, loss_fn):
    total = sum(float(loss_fn(y, model(x, training=False))) * len(y) for x, y in batches)
    return total / sum(len(y) for _, y in batches)
