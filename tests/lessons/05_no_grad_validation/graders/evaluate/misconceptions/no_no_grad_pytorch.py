# track: pytorch
# diagnosis: gradients_on
# seen: eval() believed to switch gradients off
def evaluate(model, loader, loss_fn):
    was_training = model.training
    model.eval()
    loss_sum, samples = 0.0, 0
    for inputs, targets in loader:
        loss_sum += loss_fn(model(inputs), targets).item() * len(targets)
        samples += len(targets)
    model.train(was_training)
    return loss_sum / samples
