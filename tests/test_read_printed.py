"""print(model) is read back: real torch prints, and the layers must be the ones that were written."""

from __future__ import annotations

import re

import pytest
from torch import nn

from convshape import ReadError
from convshape.read import parse
from convshape.source import Source
from texts import layers_of

LAYERS = """
Conv1d(3, 8, 2)  Conv2d(3, 8, 3, padding='same')  Conv2d(3, 8, 3, padding=1, padding_mode='circular')
Conv2d(4, 8, (3, 2), groups=2, bias=False, dilation=2)  Conv3d(1, 2, 3, stride=(1, 2, 1))
ConvTranspose2d(3, 8, 3, output_padding=1, stride=2)  LazyConv2d(8, 3)  LazyConvTranspose1d(3, 2, bias=False)
Linear(10, 2)  Linear(10, 2, bias=False)  LazyLinear(10)  Bilinear(3, 4, 5)  Identity()
BatchNorm2d(8)  BatchNorm1d(8, momentum=None)  LazyBatchNorm1d()  LazyInstanceNorm2d()  SyncBatchNorm(3)
LSTM(8, 16, batch_first=True, num_layers=2, bidirectional=True, dropout=0.1, proj_size=3)  GRU(8, 16, bias=False)
RNN(8, 16)  RNNCell(8, 16, nonlinearity='relu')  LSTMCell(8, 16)  GRUCell(8, 16, bias=False)
Dropout(0.1)  Dropout2d(0.2, inplace=True)  AlphaDropout(0.2)  FeatureAlphaDropout()
Embedding(10, 3, padding_idx=0)  Embedding(10, 3, max_norm=1.0)  EmbeddingBag(10, 3, mode='sum')
LayerNorm(8)  LayerNorm((8, 4))  LayerNorm(8, bias=False)  RMSNorm(8)  GroupNorm(2, 8)  InstanceNorm1d(8, affine=True)
LocalResponseNorm(2)  CrossMapLRN2d(2)  PixelShuffle(2)  PixelUnshuffle(2)  ChannelShuffle(2)
MaxPool2d(2)  MaxPool1d(3, stride=2, ceil_mode=True)  AvgPool1d(3)  AvgPool2d(3, stride=2, padding=1)  LPPool1d(2, 3)
LPPool2d(2, (3, 2), ceil_mode=True)  AdaptiveAvgPool2d(1)  AdaptiveAvgPool2d((None, 7))  AdaptiveMaxPool1d(4)
MaxUnpool2d(2)  Upsample(scale_factor=2)  Upsample(scale_factor=(2, 3.5), mode='bilinear')  Upsample(size=(3, 4))
UpsamplingNearest2d(scale_factor=2)  UpsamplingBilinear2d(size=7)  Flatten()  Flatten(0, 1)  Unflatten(1, (2, 4))
Fold((4, 4), 2)  Unfold(2)  ZeroPad2d(1)  ZeroPad1d((1, 2))  ConstantPad1d(2, 3.5)  ReflectionPad2d((1, 1, 1, 1))
ReplicationPad3d(1)  CircularPad1d(2)  GELU()  GELU('tanh')  ReLU(True)  ReLU6()  LeakyReLU(0.2)  ELU()  CELU()  SELU()
GLU()  PReLU(3)  RReLU()  Hardtanh(-2, 2)  Hardsigmoid()  Hardswish()  Softmax(1)  LogSoftmax(-1)  Softmin()  Softplus()
Softshrink()  Hardshrink()  Threshold(0.1, 20)  Tanhshrink()  LogSigmoid()  Softsign()  SiLU()  Mish()  Sigmoid()
Tanh()
Softmax2d()  CosineSimilarity()  PairwiseDistance()
"""
CONSTRUCTORS = re.findall(r"\w+\(.*?\)(?=  |\n)", LAYERS)


def torch_of(constructor: str) -> nn.Module:
    """Make the real layer."""
    module: nn.Module = eval(constructor, dict(vars(nn)))  # noqa: S307  # our own text
    return module


@pytest.mark.parametrize("constructor", CONSTRUCTORS)
def test_print_of_every_layer_is_read_back(constructor: str) -> None:
    """What torch prints of a layer gives the layer that was written, but for what it hides."""
    printed = str(nn.Sequential(torch_of(constructor)))
    assert layers_of(printed) == layers_of(f"nn.Sequential(nn.{constructor})"), printed


class Block(nn.Module):
    """A class of the user's."""

    def __init__(self) -> None:
        """Hold two layers."""
        super().__init__()
        self.conv = nn.Conv1d(3, 3, 3)
        self.act = nn.ReLU(inplace=True)


class Net(nn.Module):
    """A class of the user's that holds others, some of them three times."""

    def __init__(self) -> None:
        """Hold containers of every kind."""
        super().__init__()
        self.stem = nn.Sequential()
        self.blocks = nn.ModuleList([Block() for _ in range(3)])
        self.mixed = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Tanh()])
        self.heads = nn.ModuleDict({"a": nn.Linear(3, 4), "b": nn.Sequential(nn.Linear(3, 4), nn.ReLU())})


def test_containers_are_read_in_order() -> None:
    """A class that is not torch's, a ModuleList and a ModuleDict are containers; a repetition is written out."""
    text = str(Net())
    assert "(0-2): 3 x Block(" in text
    assert [path for path, _, _ in layers_of(text)] == [
        *(f"blocks.{number}.{name}" for number in range(3) for name in ("conv", "act")),
        *("mixed.0", "mixed.1", "mixed.2", "heads.a", "heads.b.0", "heads.b.1"),
    ]
    network = parse(Source("", text))
    assert network.name == "Net"
    assert any("does not show forward" in note for note in network.notes)


def test_a_sequential_needs_no_note() -> None:
    """A Sequential runs in its order; only what print hides is noted."""
    assert parse(Source("", str(nn.Sequential(nn.ReLU())))).notes == ()
    (note,) = parse(Source("", str(nn.Sequential(nn.AvgPool2d(2))))).notes
    assert note == "print(model) does not show ceil_mode of AvgPool2d: taken to be the default"


def test_lost_line_ends_and_prompts() -> None:
    """A shell may join the lines, and a session shows its prompt."""
    text = str(Net())
    assert parse(Source("", " ".join(text.split()))) == parse(Source("", text))
    assert parse(Source("", f">>> print(model)\n{text}\n")) == parse(Source("", text))
    assert parse(Source("", f"Out[3]: {text}")) == parse(Source("", text))
    assert parse(Source("", "\n".join("    " + row for row in text.split("\n")))) == parse(Source("", text))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.MultiheadAttention(8, 2), "print(model) does not show num_heads of MultiheadAttention"),
        (nn.TransformerEncoderLayer(8, 2), "print(model) does not show nhead of TransformerEncoderLayer"),
        (nn.FractionalMaxPool2d(2, 3), "print(model) does not show kernel_size of FractionalMaxPool2d"),
    ],
)
def test_what_print_does_not_show_is_asked_for(module: nn.Module, message: str) -> None:
    """Where an argument that is needed is not shown, nothing is guessed."""
    with pytest.raises(ReadError) as caught:
        parse(Source("", str(nn.Sequential(nn.ReLU(), module))))
    assert caught.value.code == "not-shown"
    assert caught.value.message.startswith(message)
    assert caught.value.source is not None
    assert caught.value.span is not None
    assert caught.value.source.at(caught.value.span) in message
