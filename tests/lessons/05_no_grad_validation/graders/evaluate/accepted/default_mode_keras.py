# track: keras
def evaluate(model, batches, loss_fn):
    loss_sum, samples = 0.0, 0
    for inputs, targets in batches:
        loss = loss_fn(targets, model(inputs))
        loss_sum += float(loss) * len(targets)
        samples += len(targets)
    return loss_sum / samples
