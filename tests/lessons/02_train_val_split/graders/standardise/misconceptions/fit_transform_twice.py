# diagnosis: val_by_its_own
# seen: fit_transform on the validation rows, too
from sklearn.preprocessing import StandardScaler


def standardise(train, val):
    scaler = StandardScaler()
    return scaler.fit_transform(train), scaler.fit_transform(val)
