# track: pytorch
def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    loss_list, val_list = [None] * epochs, [None] * epochs
    epoch = 0
    while epoch < epochs:
        model.train()
        seen = []
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
            seen.append((loss.item(), len(inputs)))
        loss_list[epoch] = sum(a * n for a, n in seen) / sum(n for _, n in seen)
        model.eval()
        model.requires_grad_(False)
        seen = [(loss_fn(model(inputs), targets).item(), len(inputs)) for inputs, targets in val_loader]
        model.requires_grad_(True)
        model.train()
        val_list[epoch] = sum(a * n for a, n in seen) / sum(n for _, n in seen)
        epoch += 1
    return {"val_loss": val_list, "loss": loss_list, "epochs": epochs}
