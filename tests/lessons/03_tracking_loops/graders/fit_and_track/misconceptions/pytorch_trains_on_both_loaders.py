# track: pytorch
# diagnosis: updates_on_validation_rows
def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        for key, loader in (("loss", train_loader), ("val_loss", val_loader)):
            model.train()
            total = count = 0
            for inputs, targets in loader:
                optimizer.zero_grad()
                loss = loss_fn(model(inputs), targets)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(targets)
                count += len(targets)
            history[key].append(total / count)
    return history
