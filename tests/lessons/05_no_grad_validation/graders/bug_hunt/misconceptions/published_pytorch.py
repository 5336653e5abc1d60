# track: pytorch
# diagnosis: no_eval
# seen: the listing handed in as it is
def run_epochs(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    history = {"loss": [], "val_loss": []}
    model.train()
    for epoch in range(epochs):
        total = 0
        for inputs, targets in train_loader:
            loss = loss_fn(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss
        for inputs, targets in val_loader:
            val_loss = loss_fn(model(inputs), targets)
        history["loss"].append(total.item() / len(train_loader))
        history["val_loss"].append(val_loss.item())
    return history
