# track: keras
# diagnosis: remembers_earlier_call
# seen: a list as a default argument
def evaluate(model, batches, loss_fn, sums=[0.0, 0]):
    for inputs, targets in batches:
        sums[0] += float(loss_fn(targets, model(inputs, training=False))) * len(targets)
        sums[1] += len(targets)
    return sums[0] / sums[1]
