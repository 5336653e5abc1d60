# track: keras
# diagnosis: statistics_changed
# seen: recalibrating batch norm on the rows that are measured
def evaluate(model, batches, loss_fn):
    loss_sum, samples = 0.0, 0
    for inputs, targets in batches:
        model(inputs, training=True)  # batch norm gets used to the rows
        loss = loss_fn(targets, model(inputs, training=False))
        loss_sum += float(loss) * len(targets)
        samples += len(targets)
    return loss_sum / samples
