# track: pytorch
# diagnosis: names_from_outside
# seen: the loader of the notebook instead of the argument
import torch

train_loader = [(torch.ones(4, 2), torch.ones(4)) for _ in range(3)]


def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    losses, sizes, total, samples = [], [], 0.0, 0
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        samples += len(targets)
        losses.append(loss.item())
        sizes.append(len(targets))
    return losses, sizes
