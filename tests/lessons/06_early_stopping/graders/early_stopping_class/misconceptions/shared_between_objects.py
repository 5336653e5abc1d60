# diagnosis: shared_between_objects
# seen: one dictionary on the class holds the state
class EarlyStopping:
    state = {"best": float("inf"), "best_epoch": 0, "epoch": 0, "wait": 0}

    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.state.update(best=float("inf"), best_epoch=0, epoch=0, wait=0)

    best = property(lambda self: self.state["best"])
    best_epoch = property(lambda self: self.state["best_epoch"])

    def step(self, val_loss):
        state = self.state
        state["epoch"] += 1
        if val_loss < state["best"] - self.min_delta:
            state.update(best=val_loss, best_epoch=state["epoch"], wait=0)
        else:
            state["wait"] += 1
        return state["wait"] >= self.patience
