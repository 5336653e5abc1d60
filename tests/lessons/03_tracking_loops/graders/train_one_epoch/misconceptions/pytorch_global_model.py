# track: pytorch
# diagnosis: names_from_outside
import torch

network = torch.nn.Linear(2, 1)


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes, total, samples = [], [], 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(network(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        samples += len(targets)
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
