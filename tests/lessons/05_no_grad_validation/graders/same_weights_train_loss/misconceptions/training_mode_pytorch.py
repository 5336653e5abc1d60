# track: pytorch
# diagnosis: no_eval
# seen: the same mode for both passes
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    loss_sum, samples = 0.0, 0
    for inputs, targets in train_loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(targets)
        samples += len(targets)
    again = 0.0
    with torch.no_grad():
        for inputs, targets in train_loader:
            again += loss_fn(model(inputs), targets).item() * len(targets)
    model.train()
    return loss_sum / samples, again / samples
