# track: pytorch
# diagnosis: keys_swapped
# seen: each list filled with the other's numbers
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    def measure(loader):
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in loader]
        return sum(loss * count for loss, count in pairs) / sum(count for _, count in pairs)

    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.train()
        loss_sum = samples = 0
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(targets)
            samples += len(targets)
        history["val_loss"].append(loss_sum / samples)
        history["loss"].append(measure(val_loader))
    return history
