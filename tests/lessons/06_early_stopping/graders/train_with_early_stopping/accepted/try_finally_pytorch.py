# track: pytorch
# seen: try and finally restore, whatever ends the loop
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
    history = []
    try:
        while True:
            train_epoch(model)
            history.append(float(evaluate(model, val)))
            stop = rule.step(history[-1])
            if rule.best_epoch == rule.epoch:
                best_weights = copy.deepcopy(model.state_dict())
            if stop or rule.epoch == max_epochs:
                break
    finally:
        model.load_state_dict(best_weights)
    final = evaluate(model, test)
    return {"val_loss": tuple(history), "best_epoch": rule.best_epoch, "test_loss": final}
