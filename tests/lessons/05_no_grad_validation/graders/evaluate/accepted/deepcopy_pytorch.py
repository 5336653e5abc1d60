# track: pytorch
import copy


def evaluate(model, loader, loss_fn):
    # A copy may do what it likes: the model itself is never touched.
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    total = count = 0
    for batch in loader:
        inputs, targets = batch[0], batch[1]
        total += loss_fn(twin(inputs), targets).item() * targets.size(0)
        count += targets.size(0)
    return total / count
