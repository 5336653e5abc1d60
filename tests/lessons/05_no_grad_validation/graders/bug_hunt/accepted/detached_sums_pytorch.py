# track: pytorch
import torch


def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        sums = {"loss": torch.zeros(()), "val_loss": torch.zeros(())}
        counts = {"loss": 0, "val_loss": 0}
        for name, loader in (("loss", train_loader), ("val_loss", val_loader)):
            training = name == "loss"
            model.train(training)
            with torch.set_grad_enabled(training):
                for inputs, targets in loader:
                    loss = loss_fn(model(inputs), targets)
                    if training:
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                    sums[name] += loss.detach() * len(targets)
                    counts[name] += len(targets)
        for name in history:
            history[name].append((sums[name] / counts[name]).item())
    return history
