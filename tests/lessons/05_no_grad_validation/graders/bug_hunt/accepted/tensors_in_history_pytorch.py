# track: pytorch
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": [], "epoch": []}
    for epoch in range(epochs):
        model.train(True)
        seen, mean = 0, torch.tensor(0.0)
        for inputs, targets in train_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen += len(targets)
            mean = mean + (loss.detach() - mean) * len(targets) / seen
        model.train(False)
        with torch.no_grad():
            outputs = torch.cat([model(x) for x, _ in val_loader])
            targets = torch.cat([y for _, y in val_loader])
            history["val_loss"].append(loss_fn(outputs, targets))
        history["loss"].append(mean)
        history["epoch"].append(epoch)
    return history
