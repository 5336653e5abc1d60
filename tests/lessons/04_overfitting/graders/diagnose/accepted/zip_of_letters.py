names = "unfinished|overfit, accuracy holds|good|underfit|"
names += "overfit, accuracy falls|good|overfit, accuracy holds|unfinished|"
names += "oscillates|never learns|not a number|explodes"
labels = dict(zip("ABCDEFGHIJKL", names.split("|")))
