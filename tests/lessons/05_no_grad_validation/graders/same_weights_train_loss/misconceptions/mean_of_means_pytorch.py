# track: pytorch
# diagnosis: mean_of_means
# seen: the mean over batches
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    model.train()
    losses = []
    for x, y in train_loader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        again = [loss_fn(model(x), y).item() for x, y in train_loader]
    return sum(losses) / len(losses), sum(again) / len(again)
