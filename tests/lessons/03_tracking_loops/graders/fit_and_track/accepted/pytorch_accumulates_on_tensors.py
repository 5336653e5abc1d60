# track: pytorch
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": torch.zeros(epochs), "val_loss": torch.zeros(epochs)}
    for epoch in range(epochs):
        for name, loader in (("loss", train_loader), ("val_loss", val_loader)):
            training = name == "loss"
            model.train(training)
            total = torch.zeros(())
            with torch.set_grad_enabled(training):
                for inputs, targets in loader:
                    loss = loss_fn(model(inputs), targets)
                    if training:
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                    total += loss.detach() * len(targets)
            history[name][epoch] = total / len(loader.dataset)
    model.train()
    return history
