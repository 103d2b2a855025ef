# A multi-layer perceptron over lists of 5 items: a Linear keeps the leading axes. Try -i 4,5,7
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(7, 16),
    nn.ReLU(),
    nn.Linear(16, 3),
)
