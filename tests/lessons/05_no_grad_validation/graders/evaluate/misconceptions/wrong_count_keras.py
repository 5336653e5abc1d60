# track: keras
# diagnosis: wrong_count
# seen: weighted, then divided by the number of batches
def evaluate(model, batches, loss_fn):
    total, count = 0.0, 0
    for x, y in batches:
        total += float(loss_fn(y, model(x, training=False))) * len(y)
        count += 1
    return total / count
