# track: pytorch
# diagnosis: remembers_earlier_call
# seen: lists as default arguments
def train_one_epoch(model, loader, loss_fn, optimizer, losses=[], sizes=[]):
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(inputs))
    return losses, sizes
