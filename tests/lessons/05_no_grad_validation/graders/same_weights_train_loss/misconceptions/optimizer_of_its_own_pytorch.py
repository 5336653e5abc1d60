# track: pytorch
# diagnosis: optimizer_not_used
# seen: a new SGD with the learning rate of the one that came
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    def measure(batches):
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in batches]
        return sum(loss * count for loss, count in pairs) / sum(count for _, count in pairs)

    own = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    model.train()
    loss_sum = samples = 0
    for inputs, targets in train_loader:
        own.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        own.step()
        loss_sum += loss.item() * len(targets)
        samples += len(targets)
    return loss_sum / samples, measure(train_loader)
