# track: pytorch
import torch, copy, itertools
def train_one_epoch(model, loader, loss_fn, optimizer):
    with torch.enable_grad():
        model.train()
        out=[]
        for b in loader:
            x,y=b
            optimizer.zero_grad(set_to_none=True)
            l=loss_fn(model(x),y); l.backward(); optimizer.step()
            out.append((l.detach(),y.shape[0]))
    a,b=zip(*out)
    return torch.stack(a),torch.tensor(b)
