# track: pytorch
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    pairs = []
    for batch in loader:
        inputs, targets = batch[0], batch[1]

        def closure():
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            return loss

        pairs.append((float(optimizer.step(closure)), len(inputs)))
    return [loss for loss, _ in pairs], [size for _, size in pairs]
