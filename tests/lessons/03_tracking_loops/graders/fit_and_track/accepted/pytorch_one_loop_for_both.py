# track: pytorch
import torch


def fit_and_track(model, train_loader, val_loader, loss_fn, optimizer, epochs):
    result = {}
    for name in ("loss", "val_loss"):
        result[name] = [None] * epochs
    for i in range(epochs):
        for name, loader in (("loss", train_loader), ("val_loss", val_loader)):
            training = name == "loss"
            model.train(training)
            ctx = torch.enable_grad() if training else torch.no_grad()
            acc = cnt = 0
            with ctx:
                for x, y in loader:
                    loss = loss_fn(model(x), y)
                    if training:
                        optimizer.zero_grad(); loss.backward(); optimizer.step()
                    acc += loss.item() * len(y); cnt += len(y)
            result[name][i] = acc / cnt
        model.train()
    return result
