# track: pytorch
# diagnosis: restored_only_when_stopped
# seen: restored in the branch of the stop
import copy


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.best_epoch, self.epoch = patience, float("inf"), 0, 0

    def step(self, loss):
        self.epoch += 1
        if loss < self.best:
            self.best, self.best_epoch = loss, self.epoch
        return self.epoch - self.best_epoch >= self.patience


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    rule = EarlyStopping(patience)
    val_loss, best_weights = [], None
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        val_loss.append(evaluate(model, val))
        stop = rule.step(val_loss[-1])
        if rule.best_epoch == epoch:
            best_weights = copy.deepcopy(model.state_dict())
        if stop:
            model.load_state_dict(best_weights)
            break
    return {"val_loss": val_loss, "best_epoch": rule.best_epoch, "test_loss": evaluate(model, test)}
