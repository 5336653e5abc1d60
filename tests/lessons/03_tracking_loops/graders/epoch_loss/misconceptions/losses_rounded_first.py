# diagnosis: inputs_cut_to_whole_numbers
# seen: round(loss) before the sum
def epoch_loss(batch_losses, batch_sizes):
    return sum(round(loss) * size for loss, size in zip(batch_losses, batch_sizes)) / sum(batch_sizes)
