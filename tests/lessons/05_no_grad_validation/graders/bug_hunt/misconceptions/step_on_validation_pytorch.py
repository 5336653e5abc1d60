# track: pytorch
# diagnosis: updates_on_validation_rows
# seen: validation copied from the training loop
def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    for epoch in range(epochs):
        model.train()
        total, samples = 0.0, 0
        for inputs, targets in train_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
            samples += len(targets)
        model.eval()
        val_total, val_samples = 0.0, 0
        for inputs, targets in val_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            val_total += loss.item() * len(targets)
            val_samples += len(targets)
        history["loss"].append(total / samples)
        history["val_loss"].append(val_total / val_samples)
    return history
