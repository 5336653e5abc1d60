# diagnosis: changed_inputs
# seen: the statistics of rows that were changed in place
def standardise(train, val):
    train -= train.mean(0)
    train /= train.std(0)
    return train, (val - train.mean(0)) / train.std(0)
