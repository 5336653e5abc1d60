# track: keras
# diagnosis: swapped_loss_arguments
# seen: habits from PyTorch
def evaluate(model, batches, loss_fn):
    loss_sum, samples = 0.0, 0
    for inputs, targets in batches:
        loss = loss_fn(model(inputs, training=False), targets)
        loss_sum += float(loss) * len(targets)
        samples += len(targets)
    return loss_sum / samples
