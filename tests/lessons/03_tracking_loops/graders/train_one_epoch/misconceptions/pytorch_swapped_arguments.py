# track: pytorch
# diagnosis: swapped_loss_arguments
# seen: the order of Keras and scikit-learn
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(targets, model(inputs))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
