# track: pytorch
class bar:
    def __init__(self, it): self.it = it; self.n = 0
    def __iter__(self):
        for b in self.it:
            self.n += 1
            yield b
    def set_postfix(self, **k): print(k)
def train_one_epoch(model, loader, loss_fn, optimizer):
    L, N = [], []
    model.train()
    b = bar(loader)
    for x, y in b:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        L.append(loss.item()); N.append(len(x))
        b.set_postfix(loss=L[-1])
    return L, N
