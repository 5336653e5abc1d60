# track: pytorch
# diagnosis: no_eval
# seen: validation copied from the training loop
def evaluate(model, loader, loss_fn):
    was_training = model.training
    loss_sum, samples = 0.0, 0
    for inputs, targets in loader:
        loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
        samples += len(targets)
    model.train(was_training)
    return loss_sum / samples
