# track: pytorch
# diagnosis: trained_again
# seen: a second epoch taken for a second measurement
def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    results = []
    for _ in range(2):
        total, n = 0.0, 0
        for x, y in train_loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            n += len(y)
        results.append(total / n)
    return tuple(results)
