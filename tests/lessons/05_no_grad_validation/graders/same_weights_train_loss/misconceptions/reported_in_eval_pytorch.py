# track: pytorch
# diagnosis: reported_in_eval
# seen: a helper that measures, called before each step
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    def measure(batches):
        model.eval()
        with torch.no_grad():
            pairs = [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in batches]
        return sum(loss * count for loss, count in pairs) / sum(count for _, count in pairs)

    loss_sum = samples = 0
    for inputs, targets in train_loader:
        loss_sum += measure([(inputs, targets)]) * len(targets)
        samples += len(targets)
        model.train()
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
    return loss_sum / samples, measure(train_loader)
