from sklearn.preprocessing import StandardScaler


def standardise(train, val):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(val)
