names = "unfinished|overfit, accuracy holds|good|underfit|"
names += "overfit, accuracy falls|good|overfit, accuracy holds|unfinished"
labels = dict(zip("ABCDEFGH", names.split("|")))
