"""Every message that the catalogue can write is read back: the same fault, and the same numbers."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest

from convshape import output_shape, trace
from convshape.faults import Fault, ShapeError, Shown
from convshape.messages import read, refusals, squeezed
from convshape.messages.pasted import Pasted
from convshape.messages.wordings import BINDINGS, FORMER

FAULTS = [fault for fault in refusals.faults() if fault.torch_words]
FRAGMENTS = {"gap": "", "bias_too": "", "batched": "batched", "wants": "either be"}
"""Values that are no numbers: words that torch puts in, or leaves out."""
SEVERAL = {"x", "apart", "comma", "spaced", "size", "tuple"}


class Samples(dict[str, Any]):
    """A value for each name of a template: numbers, or shapes where they are shown as such."""

    def __init__(self, fault: Fault, *, shapes: bool) -> None:
        """Make a value for each name that differs from all others."""
        super().__init__()
        parts = [(name, spec or "") for _, name, spec, _ in Formatter().parse(fault.torch_words) if name]
        for place, (name, spec) in enumerate(parts):
            shape = (place + 2, place + 3)
            several = spec in SEVERAL or spec.startswith("each ") or (shapes and not spec)
            self.setdefault(name, FRAGMENTS.get(name, shape if several else 11 + place))

    def __getitem__(self, name: str) -> Shown:
        """Show it as a message does."""
        return Shown(super().__getitem__(name))


@pytest.mark.parametrize("shapes", [False, True])
def test_every_message_is_read_back(*, shapes: bool) -> None:
    """A message gives its fault, or one that says the very same words, and the values that went into it."""
    assert len(FAULTS) > 500
    for fault in (*FAULTS, *BINDINGS, *FORMER):
        values = Samples(fault, shapes=shapes)
        message = fault.torch_words.format_map(values)
        found = read(message, fault.torch_type)
        assert found, message
        assert fault.code in found.codes, (message, found)
        if found.fault is fault:
            assert found.values == dict(values), message
        else:
            assert squeezed(found.words) == squeezed(message.rstrip())


def test_the_likeliest_is_first() -> None:
    """Words that only one fault says name that fault; of several, the one that they were made for."""
    first = [read(fault.torch_words.format_map(Samples(fault, shapes=False)), fault.torch_type) for fault in FAULTS]
    alone = [found for found in first if found and not found.others]
    assert len(alone) > 0.75 * len(FAULTS)
    found = read("shape '[-1, 400]' is invalid for input of size 384")
    assert found
    assert (found.fault.code, found.values) == ("elements", {"shape": (-1, 400), "count": 384})


@pytest.mark.parametrize(
    ("message", "code", "value"),
    [
        ("ValueError: batchmean is not a valid value for reduction", "choice", "batchmean"),
        ("RuntimeError: Unknown nonlinearity: sigmoid", "choice", "sigmoid"),
        (
            (
                "NotImplementedError: Input Error: Only 3D, 4D and 5D input Tensors supported (got 2D) for the modes: "
                "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got nearest)"
            ),
            "rank",
            "nearest",
        ),
    ],
)
def test_words_are_values_too(message: str, code: str, value: str) -> None:
    """What is shown as a tuple where it is one may be a word as well."""
    found = Pasted(message).reading
    assert found
    assert (found.fault.code, [*found.values.values()][-1]) == (code, value)


REAL = {
    "Conv1d(5, 5, 3)": (239, 49, 5),
    "Conv2d(16, 2, (1, 2))": (20, 16, 10, 50, 100),
    "Conv1d(2, 1, (2, 1))": (1, 2, 10),
    "Linear(288, 10)": (8, 16, 18),
    "MaxPool2d(2)": (1, 8, 1, 1),
    "Conv2d(1, 6, 5)": (1, 1, 4, 4),
    "LSTM(8, 16)": (5, 3, 9),
    "LayerNorm((3, 4))": (2, 3),
    "BatchNorm2d(4)": (2, 3, 8, 8),
    "GroupNorm(3, 6)": (2, 5, 4),
}


@pytest.mark.parametrize("net", REAL)
def test_what_convshape_says_it_can_read(net: str) -> None:
    """The code and the numbers of an error are those that its message is read back to."""
    with pytest.raises(ShapeError) as caught:
        output_shape(net, REAL[net])
    found = read(caught.value.torch_message, caught.value.torch_type)
    assert found
    assert found.fault.code == caught.value.code
    for name, value in found.values.items():
        if name in caught.value.values:
            assert value == shown(caught.value.values[name])


def shown(value: Any) -> Any:
    """Return a value as it is read back."""
    return tuple(value) if isinstance(value, (tuple, list)) else value


TRACEBACK = """\
Traceback (most recent call last):
  File "/home/me/train.py", line 42, in forward
    x = self.fc(x)
  File "/usr/lib/python3/site-packages/torch/nn/modules/linear.py", line 125, in forward
    return F.linear(input, self.weight, self.bias)
RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x8784 and 320x2)
"""
FORMS = {
    "plain": TRACEBACK,
    "windows": TRACEBACK.replace("\n", "\r\n"),
    "colours": TRACEBACK.replace("RuntimeError", "\x1b[1;31mRuntimeError\x1b[0m"),
    "half": TRACEBACK[TRACEBACK.index("x = self") :],
    "the line alone": TRACEBACK.splitlines()[-1],
    "the words alone": TRACEBACK.splitlines()[-1].partition(": ")[2],
    "pytest": "\n".join(f"E   {line}" for line in TRACEBACK.splitlines()),
    "wrapped": TRACEBACK.replace("cannot be multiplied", "cannot be\nmultiplied"),
    "ranks": "\n".join(f"[rank0]: {line}" for line in TRACEBACK.splitlines()),
    "in a sentence": "why do I get mat1 and mat2 shapes cannot be multiplied (32x8784 and 320x2) here?",
}


@pytest.mark.parametrize("form", FORMS)
def test_however_it_is_pasted(form: str) -> None:
    """Colours, line ends and frames do not change what a message says."""
    found = Pasted(FORMS[form]).reading
    assert found
    assert found.fault.code == "features"
    assert list(found.values.values()) == [32, 8784, 320, 2]


def test_the_line_of_ones_own_code() -> None:
    """A traceback names the innermost line that is not the library's."""
    frame = Pasted(TRACEBACK).own
    assert frame
    assert (frame.file, frame.line, frame.code) == ("/home/me/train.py", "42", "x = self.fc(x)")


@pytest.mark.parametrize("text", ["hello", "KeyError: 'x'", "", "ValueError: no", "a (b) c"])
def test_what_is_no_error_of_torch(text: str) -> None:
    """Other texts are read as nothing."""
    assert Pasted(text).reading is None


def test_every_code_of_a_trace_can_be_explained() -> None:
    """What a network stops at has its words."""
    from convshape.words import sections

    assert set(refusals.codes()) == set(sections("faults"))
    error = trace("Conv1d(1, 1, 3)", (1, 2, 10)).error
    assert error
    assert error.code in sections("faults")
