class EpochLoss:
    def __call__(self, batch_losses, batch_sizes):
        loss_sum = 0
        for index, size in enumerate(batch_sizes):
            loss_sum = loss_sum + batch_losses[index] * size
        return float(loss_sum) / float(sum(batch_sizes))


epoch_loss = EpochLoss()
