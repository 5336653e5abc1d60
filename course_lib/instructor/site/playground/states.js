// For each lesson the state that shows its point. What is between the braces is JSON, which Python reads as well; a test
// trains each state, from several seeds, and holds its sentence.
const STATES = {
  "00": {
    "title": "A first run",
    "fragment": "rows=200&noise=0&epochs=50",
    "watch": "Both losses start near 0.69, what guessing between two classes costs, and fall to a fraction of it while the line finds its way between the moons."
  },
  "01": {
    "title": "The first loss",
    "fragment": "rows=200&lr=0.0001&epochs=20",
    "watch": "Before it has learned anything, the network's losses lie near ln 2, about 0.69. At this small learning rate they are still above 0.6 after 20 epochs."
  },
  "02": {
    "title": "Twenty rows are a matter of luck",
    "fragment": "rows=20&batch=32&epochs=50",
    "watch": "Press “another” for the next seed, and run again: with 20 training rows the last validation loss differs much more from seed to seed than with 1000."
  },
  "03": {
    "title": "Two losses of different ages",
    "fragment": "rows=500&noise=0&batch=32&epochs=20&speed=slow",
    "watch": "In epoch 1 the validation loss lies below the training loss. Nothing is wrong: the training loss is a mean over the whole epoch, the validation loss was measured at its end."
  },
  "04": {
    "title": "Validation turns, training goes on falling",
    "fragment": "data=digits&noise=0.2&width=64&epochs=50",
    "watch": "Every fifth label is wrong. Validation loss is lowest early in the run and then rises, while training loss goes on falling: the network memorizes the wrong labels, and the words below its picture count them."
  },
  "05": {
    "title": "The same rows, the same weights, two modes",
    "fragment": "rows=200&width=64&dropout=0.4&batch=64&epochs=50&remeasure=1",
    "watch": "The training loss is taken with dropout on. Measured again after the epoch, in evaluation mode, the same rows cost less in nearly every epoch."
  },
  "06": {
    "title": "Stop, and take the best weights back",
    "fragment": "width=64&epochs=200&patience=20",
    "watch": "Training stops 20 epochs after the last new lowest validation loss, and the model that you hold is that of the best epoch, not of the last one."
  },
  "07": {
    "title": "Small, but not luck",
    "fragment": "rows=200&batch=32&smoothing=0.95&a.batch=16",
    "watch": "Press “Train eight pairs”: the difference between batches of 32 and 16 is much smaller than the runs differ among seeds, and only the pairs show it."
  },
  "08": {
    "title": "What weight decay is worth",
    "fragment": "rows=50&optimizer=adamw&decay=1&a.decay=0",
    "watch": "Press “Train eight pairs”: with weight decay the model that you hold at the end has the lower validation loss in most pairs."
  },
  "09": {
    "title": "A rate far too high",
    "fragment": "optimizer=momentum&lr=2&epochs=50",
    "watch": "At a learning rate of 2 the losses jump and stay near that of guessing, or above. At 0.1 the same network learns."
  },
  "10": {
    "title": "Loss and accuracy part",
    "fragment": "rows=20&accuracy=1",
    "watch": "By the end, validation loss lies well above its lowest value, while accuracy is within a few points of what it was then: the same answers, given with too much confidence."
  },
  "11": {
    "title": "The same record twice",
    "fragment": "rows=200&dropout=0.2&epochs=20",
    "watch": "Note a number, press Reset and run again: every number comes back, since the link holds all settings and the seed. A record is worth most when its run can be repeated."
  },
  "12": {
    "title": "Find the fault",
    "fragment": "data=sine&rows=500&lr=0.0001&batch=256&epochs=50",
    "watch": "Hardly anything is learned here: both losses stay far above the dotted line of the noise. One setting is to blame. Change it, and the curve follows the sine."
  }
};
