# track: pytorch
# diagnosis: reported_before_the_epoch
# seen: the loss before training taken for the reported one
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.eval()
    first = count = 0
    with torch.no_grad():
        for inputs, targets in train_loader:
            first += loss_fn(model(inputs), targets).item() * len(targets)
            count += len(targets)
    model.train()
    loss_sum, samples = 0.0, 0
    for inputs, targets in train_loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(targets)
        samples += len(targets)
    model.eval()
    again = 0.0
    with torch.no_grad():
        for inputs, targets in train_loader:
            again += loss_fn(model(inputs), targets).item() * len(targets)
    return first / count, again / samples
