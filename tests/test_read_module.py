"""Pasted classes: what a module makes in __init__, its forward calls."""

from __future__ import annotations

from convshape import trace
from convshape.read import parse
from convshape.source import Source
from texts import steps


def test_lines_of_a_module() -> None:
    """`self.name = ...` makes a layer that later lines call; `y = ...` leaves x alone."""
    text = """
self.conv1 = nn.Conv2d(1, 8, 3)
self.conv2 = nn.Conv2d(1, 4, 3)
self.unused = nn.Linear(1, 1)
self.fc = nn.Linear(12 * 26 * 26, 10)
a = F.relu(self.conv1(x))
b = self.conv2(x)
x = torch.cat([a, b], 1)
x = torch.flatten(x, 1)
self.fc(x)
"""
    assert [path for path, _ in steps(text, 1, 1, 28, 28)] == ["conv1", "a", "conv2", "2", "3", "fc"]


def test_lines_that_only_make_layers_are_applied_in_order() -> None:
    """The lines of __init__ alone are taken as they stand."""
    text = "super().__init__()\nself.conv1 = nn.Conv2d(1, 8, 3)\nself.act = nn.ReLU()"
    assert [path for path, _ in steps(text, 1, 1, 28, 28)] == ["conv1", "act"]


CLASSES = '''
import torch
from torch import nn
import torch.nn.functional as F

WIDTH = 4


class Block(nn.Module):
    """Two convolutions and a skip."""

    def __init__(self, inner, outer=WIDTH, kernel=3):
        super(Block, self).__init__()
        self.width = inner * 1
        self.conv = nn.Conv1d(self.width, outer, kernel, padding=kernel // 2)
        self.act = nn.ReLU()

    def forward(self, signal):
        out = self.conv(signal)
        out = self.act(out)
        return out


class Net(nn.Module):
    def __init__(self, classes, hidden=8):
        super().__init__()
        self.one = Block(1)
        self.two = Block(WIDTH, outer=hidden)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, x, mask=None):
        early = self.one(x)  # a comment
        x = self.two(early)
        x = x.flatten(1)
        return x


model = Net(3, hidden=16)
print(model)
'''


def test_pasted_classes() -> None:
    """The last class is the network, the others are blocks; __init__ makes what forward calls."""
    assert steps(CLASSES, 2, 1, 10) == [
        ("one.conv", (2, 4, 10)),
        ("one.act", (2, 4, 10)),
        ("two.conv", (2, 16, 10)),
        ("two.act", (2, 16, 10)),
        ("2", (2, 160)),
    ]
    assert steps(CLASSES, 2, 1, 10, set={"hidden": 5})[-1] == ("2", (2, 50))


def test_a_pasted_session() -> None:
    """The prompts of a session are no part of the code."""
    text = ">>> import torch.nn as nn\n>>> model = nn.Sequential(\n...     nn.Conv1d(1, 2, 3),\n"
    text += "...     nn.ReLU(),\n... )\n"
    assert steps(text, 1, 1, 9) == [("0", (1, 2, 7)), ("1", (1, 2, 7))]


def test_what_says_nothing_of_shapes_is_passed_over() -> None:
    """Other classes, asserts, docstrings, prints and what runs below the classes have no part in a network."""
    text = """
class Config:
    width = 3

class Net(nn.Module):
    def __init__(self, norm=None):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True, device="cpu", dtype=torch.float32)
        self.apply(init)

    def init(self):
        for parameter in self.parameters():
            pass

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        '''A docstring.'''
        assert tokens.ndim == 3
        out, (hidden, cell) = self.lstm(tokens)
        print(out.shape)
        batch, length, size = out.shape
        return torch.cat([hidden[-1], out.reshape(batch, length * size)], dim=-1)

class Data(Dataset):
    def __getitem__(self, index):
        return self.rows[index]

if __name__ == "__main__":
    for epoch in range(3):
        train()
"""
    assert steps(text, 5, 7, 3)[-1] == ("3", (5, 32))


def test_parts_of_a_sequential_and_of_a_module_list() -> None:
    """A forward may call what a container holds one by one."""
    text = """
class Net(nn.Module):
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.heads = nn.ModuleList([nn.Linear(4, 5), nn.Linear(4, 6)])

    def forward(self, x):
        x = self.net[0](x)
        return torch.cat([self.heads[0](x), self.heads[-1](x)], 1)
"""
    wanted = [("net.0", (2, 4)), ("heads.0", (2, 5)), ("heads.1", (2, 6)), ("1", (2, 11))]
    assert steps(text, 2, 3) == wanted


def test_forward_with_several_inputs() -> None:
    """The inputs of forward are given by their names."""
    text = """
class Net(nn.Module):
    def __init__(self):
        self.left = nn.Linear(3, 4)

    def forward(self, a, b):
        return self.left(a) + b
"""
    assert trace(parse(Source("", text)), {"b": (2, 4), "a": (2, 3)}).output == (2, 4)


def test_pasted_methods_may_be_indented() -> None:
    """Methods pasted out of a class keep their indentation, and errors their place."""
    text = """
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3)

    def forward(self, x):
        return self.conv(x)
"""
    assert steps(text, 1, 1, 10) == [("conv", (1, 4, 8))]
    wrong = trace(parse(Source("<test>", text)), (1, 2, 10)).error
    assert wrong is not None
    assert wrong.source is not None
    assert wrong.span is not None
    assert wrong.source.at(wrong.span) == "1"
