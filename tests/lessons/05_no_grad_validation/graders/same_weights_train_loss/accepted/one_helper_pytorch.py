# track: pytorch
import torch


def same_weights_train_loss(model, train_loader, loss_fn, optimizer):
    def sweep(update):
        model.train(update)
        sums = []
        with torch.set_grad_enabled(update):
            for inputs, targets in train_loader:
                loss = loss_fn(model(inputs), targets)
                if update:
                    optimizer.zero_grad(set_to_none=False)
                    loss.backward()
                    optimizer.step()
                sums.append((loss.item() * len(targets), len(targets)))
        return sum(s for s, _ in sums) / sum(n for _, n in sums)

    return sweep(True), sweep(False)
