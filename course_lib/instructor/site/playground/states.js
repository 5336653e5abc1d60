// For each lesson the state that shows its point: a question to answer before it runs, and what there is to see. What is
// between the braces is JSON, which Python reads as well; a test trains each state, from several seeds, and holds it.
const STATES = {
  "00": {
    "title": "A first run",
    "fragment": "rows=200&noise=0&epochs=50",
    "ask": "Where do both losses start, before anything is learned, and how far have they come after 50 epochs?",
    "watch": "Both losses start near 0.69, what guessing between two classes costs, and fall to a fraction of it while the line finds its way between the moons."
  },
  "01": {
    "title": "The first loss",
    "fragment": "rows=200&lr=0.0001&epochs=20",
    "ask": "Two classes, and a network that has learned nothing yet: near which number must its losses lie? How far does a learning rate of 0.0001 bring them in 20 epochs?",
    "watch": "Before it has learned anything, the network's losses lie near ln 2, about 0.69. At this small learning rate they are still above 0.6 after 20 epochs."
  },
  "02": {
    "title": "Twenty rows",
    "fragment": "rows=20&batch=32&epochs=50",
    "ask": "Press “another” for the next seed, and run again. How much does the last validation loss differ from seed to seed with 20 training rows, and how much with 1,000?",
    "watch": "With 20 training rows the last validation loss differs much more from seed to seed than with 1,000."
  },
  "03": {
    "title": "The first epoch",
    "fragment": "rows=500&noise=0&batch=32&epochs=20&speed=slow",
    "ask": "Which of the two losses is the lower one in epoch 1, and why?",
    "watch": "In epoch 1 the validation loss lies below the training loss. Nothing is wrong: the training loss is a mean over the whole epoch, the validation loss was measured at its end."
  },
  "04": {
    "title": "Every fifth label is wrong",
    "fragment": "data=digits&noise=0.2&width=64&epochs=50",
    "ask": "What will training and validation loss do over 50 epochs, and what does the network learn from the wrong labels?",
    "watch": "Every fifth label is wrong. Validation loss is lowest early in the run and then rises, while training loss goes on falling: the network memorizes the wrong labels, and the words below its picture count them."
  },
  "05": {
    "title": "With dropout, and without",
    "fragment": "rows=200&width=64&dropout=0.4&batch=64&epochs=50&remeasure=1",
    "ask": "The training loss is taken with dropout on. The same rows are measured again after the epoch, in evaluation mode: will they cost more, or less?",
    "watch": "The training loss is taken with dropout on. Measured again after the epoch, in evaluation mode, the same rows cost less in nearly every epoch."
  },
  "06": {
    "title": "A patience of 20",
    "fragment": "width=64&epochs=200&patience=20",
    "ask": "When does training stop, and of which epoch is the model that you hold at the end?",
    "watch": "Training stops 20 epochs after the last new lowest validation loss, and the model that you hold is that of the best epoch, not of the last one."
  },
  "07": {
    "title": "Batches of 32 and of 16",
    "fragment": "rows=200&batch=32&smoothing=0.95&a.batch=16",
    "ask": "Press “Train eight pairs”: which is better, and could you have told from one run of each?",
    "watch": "The difference between batches of 32 and 16 is much smaller than the runs differ among seeds, and only the pairs show it."
  },
  "08": {
    "title": "With weight decay, and without",
    "fragment": "rows=50&optimizer=adamw&decay=1&a.decay=0",
    "ask": "Press “Train eight pairs”: in how many of them is the validation loss of the model that you hold at the end lower with weight decay?",
    "watch": "With weight decay the model that you hold at the end has the lower validation loss in most pairs."
  },
  "09": {
    "title": "A learning rate of 2",
    "fragment": "optimizer=momentum&lr=2&epochs=50",
    "ask": "What will the losses do at a learning rate of 2? And what at 0.1?",
    "watch": "At a learning rate of 2 the losses jump and stay near that of guessing, or above. At 0.1 the same network learns."
  },
  "10": {
    "title": "Twenty rows, and accuracy",
    "fragment": "rows=20&accuracy=1",
    "ask": "By the end, how far is validation loss from its best value, and how far is accuracy?",
    "watch": "By the end, validation loss lies well above its lowest value, while accuracy is within a few points of what it was then: the same answers, given with too much confidence."
  },
  "11": {
    "title": "The same run again",
    "fragment": "rows=200&dropout=0.2&epochs=20",
    "ask": "Note a number, press Reset and run again: which numbers come back?",
    "watch": "Every number comes back, since the link holds all settings and the seed. A record is worth most when its run can be repeated."
  },
  "12": {
    "title": "Find the fault",
    "fragment": "data=sine&rows=500&lr=0.0001&batch=256&epochs=50",
    "ask": "Hardly anything is learned here, and one setting is to blame. Which one? Prove it by one change.",
    "watch": "Both losses stay far above the dotted line of the noise. With that one setting changed, the curve follows the sine."
  }
};
