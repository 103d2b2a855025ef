"""Every op agrees with torch on the CPU: shapes, dtypes, contiguity, and what it refuses in which words."""

from __future__ import annotations

import operator
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from differences import EMPTY
from generation import generated
from op_cases import CASES, SKIPPED, Draw

from convshape import ops
from convshape.dim import Dim, Symbols, prod
from convshape.dtypes import Dtype
from convshape.faults import Refusal
from convshape.ops.layered import LayerOp
from convshape.strides import dense, strided, strides_of
from convshape.tensor import Tensor

torch = pytest.importorskip("torch")

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

FUNCTIONAL = torch.nn.functional
HOMES = (FUNCTIONAL, torch.fft, torch, torch.linalg)
OPERATORS = {"getitem": operator.getitem, "setitem": operator.setitem, "invert": operator.invert}
INDEXED = ("getitem", "setitem", "gather", "index_select", "scatter", "scatter_add", "take", "take_along_dim",
           "one_hot", "index_fill", "embedding")  # fmt: skip
NAMES = sorted({name for name in ops.FAMILY if name not in SKIPPED})


def forms(name: str) -> list[tuple[str, str]]:
    """Return the ways to call an op: as a function, as a method, in place."""
    found = []
    for spelling in (name, f"{name}_"):
        op = ops.declared(spelling)
        if op is not None:
            found += [
                (spelling, where)
                for where in ("function", "method", "attribute", "operation")
                if has(spelling, where, op)
            ]
    return found


def has(name: str, where: str, op: Any) -> bool:
    """Tell whether torch has an op in a place."""
    plain = name.removeprefix("Tensor.")
    if where == "function":
        return op.where in ("both", "function") and any(hasattr(home, plain) for home in HOMES)
    if where == "method":
        return op.where in ("both", "method") and hasattr(torch.Tensor, plain)
    return bool(op.where == where)


def real(value: Any, name: str) -> Any:
    """Make real tensors and dtypes."""
    if isinstance(value, Tensor):
        made = torch.empty_strided(tuple(value), strides_of(value), dtype=getattr(torch, value.dtype))
        return made.fill_(0 if name.removesuffix("_") in INDEXED else 1)
    if isinstance(value, Dtype):
        return getattr(torch, value)
    if isinstance(value, (tuple, list)):
        return type(value)(real(part, name) for part in value)
    return value


def callee(name: str, where: str, arguments: Any) -> tuple[Callable[..., Any], Any]:
    """Return what torch calls, and with which positional arguments."""
    plain = name.removeprefix("Tensor.")
    if where == "operation":
        return OPERATORS[name], arguments
    if where == "attribute":
        return lambda x: getattr(x, plain), arguments
    if where == "method":
        return getattr(arguments[0], plain), arguments[1:]
    return next(getattr(home, plain) for home in HOMES if hasattr(home, plain)), arguments


def facts(value: Any) -> Any:
    """Return what is compared of a result."""
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), str(value.dtype).removeprefix("torch."), value.is_contiguous()
    if isinstance(value, Tensor):
        return tuple(value), value.dtype, value.strides is None
    if isinstance(value, (tuple, list)):
        return tuple(map(facts, value))
    return str(value).removeprefix("torch.") if isinstance(value, (str, torch.dtype)) else value


def laid_out(name: str) -> bool:
    """Tell whether the memory layout of the result is compared: not of layers, spectra and einsum."""
    op = ops.declared(name)
    return not isinstance(op, LayerOp) and ops.FAMILY.get(name) not in ("spectral", "einsum")


def judged(name: str, where: str, arguments: Any, keywords: Any) -> Any:
    """Return what torch gives, or the error's type and first line."""
    made = tuple(real(value, name) for value in arguments)
    given_ = {key: real(value, name) for key, value in keywords.items()}
    work, rest = callee(name, where, made)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return facts(work(*rest, **given_))
    except Exception as error:  # noqa: BLE001  # whatever torch raises is the answer
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0].strip()}"


def ruled(name: str, where: str, arguments: Any, keywords: Any) -> Any:
    """Return what the op gives, or the words of its refusal."""
    op = ops.declared(name)
    assert op is not None
    try:
        return facts(op.call(arguments, keywords, bound=where != "function"))
    except Refusal as refusal:
        if refusal.fault.code == "data-dependent":
            return None
        return f"{refusal.fault.torch_type}: {refusal.torch_message}"


VALUES = (
    "out of bounds for dimension with size 0",
    "index 0 is out of bounds",
    "index out of range in self",
    "MKL FFT error",
    "ZeroDivisionError",
)
"""What torch says of the numbers, or its library of an empty transform: no rule of shapes."""


def nothing_left(name: str, want: Any, got: Any) -> bool:
    """Tell whether a transposed convolution makes nothing, of which oneDNN and torch's own kernels say different."""
    said = [str(one) for one in (want, got)]
    return name.startswith("conv_transpose") and any(words in one for words in EMPTY for one in said)


def agree(want: Any, got: Any, *, layout: bool = True) -> bool:
    """Compare; of a TypeError or an AttributeError only that there is one."""
    if isinstance(want, str) and want.startswith(("TypeError", "AttributeError")):
        return isinstance(got, str) and ": " in got
    if isinstance(want, str) and any(words in want for words in VALUES):
        return True
    return bool(want == got or (not layout and loose(want) == loose(got)))


def loose(value: Any) -> Any:
    """Leave the memory layout out of what is compared."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], str):
        return value[:2]
    return tuple(map(loose, value)) if isinstance(value, tuple) else value


def test_every_op_has_a_case() -> None:
    """An op that is added without a case fails here."""
    assert [name for name in NAMES if name not in CASES] == []
    assert [name for name in NAMES if not forms(name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_op(name: str, examples: int) -> None:
    """Shapes, dtypes and refusals are torch's."""

    @generated(examples)
    def run(random: Random) -> None:
        arguments, keywords = CASES[name](Draw(random))
        spelling, where = random.choice(forms(name))
        got = ruled(spelling, where, arguments, keywords)
        if got is not None:
            want = judged(spelling, where, arguments, keywords)
            assert agree(want, got, layout=laid_out(name)) or nothing_left(name, want, got), (
                f"{spelling} ({where}) {arguments} {keywords}\n  torch {want}\n  ours  {got}"
            )

    run()


COUNTED = ("unbind", "split", "chunk")
"""How many tensors these make is not known where a size is not."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in COUNTED])
def test_symbols(name: str, examples: int) -> None:
    """With symbols for sizes, an op gives what it gives for numbers, and assumes only what holds for them."""

    @generated(examples)
    def run(random: Random) -> None:
        arguments, keywords = CASES[name](Draw(random))
        op = ops.declared(name)
        assert op is not None
        try:
            want = lowered(op.call(arguments, keywords, bound=True), {})
        except Refusal:
            return
        symbols, sizes = Symbols(), {}
        given_ = {key: lifted(value, symbols, sizes) for key, value in keywords.items()}
        got = lowered(op.call(lifted(arguments, symbols, sizes), given_, bound=True), sizes)
        assert got == want
        assert all(fact.holds(**sizes) for fact, _ in symbols.facts if fact.names <= sizes.keys())

    run()


def lifted(value: Any, symbols: Symbols, sizes: dict[str, int]) -> Any:
    """Put symbols for the sizes of tensors, one for each number, and remember which number each stands for."""
    if isinstance(value, Tensor):
        shape = [size if size <= 1 else symbols.symbol(f"S{size}", 2) for size in value]
        sizes.update({f"S{size}": size for size in value if size > 1})
        # of two axes with one stride, the inner one has the size 1
        order = sorted(range(len(value)), key=lambda place: (-strides_of(value)[place], -value[place]))
        packed = dense(tuple(shape[place] for place in order))
        return strided(shape, value.dtype, tuple(packed[order.index(place)] for place in range(len(value))))
    return type(value)(lifted(part, symbols, sizes) for part in value) if isinstance(value, (tuple, list)) else value


def lowered(value: Any, sizes: dict[str, int]) -> Any:
    """Put the numbers back."""
    if isinstance(value, Dim):
        return value.at(**sizes)
    if isinstance(value, (tuple, list)):
        return tuple(lowered(part, sizes) for part in value)
    return value


CHAIN = ("permute", "transpose", "unsqueeze", "squeeze", "relu", "add", "view", "reshape", "flatten", "getitem",
         "contiguous", "expand", "flip", "sum", "tanh", "clone", "unflatten", "movedim")  # fmt: skip


def test_chains(examples: int) -> None:
    """Several ops after each other keep shape, dtype and memory layout, and refuse at the same step."""

    @generated(20 * examples)
    def run(random: Random) -> None:
        draw = Draw(random)
        x = draw.tensor(2, 4, "float32")
        y = real(x, "relu")
        for _ in range(random.randint(2, 5)):
            name = random.choice(CHAIN)
            arguments, keywords = CASES[name](fixed(draw, x))
            where = "operation" if name == "getitem" else "method"
            got = ruled(name, where, arguments, keywords)
            work, rest = callee(name, where, (y, *(real(value, "getitem") for value in arguments[1:])))
            try:
                y = work(*rest, **{key: real(value, name) for key, value in keywords.items()})
            except Exception as error:  # noqa: BLE001
                want = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
                assert agree(want, got), f"{name} {arguments} {x.strides}\n  torch {want}\n  ours  {got}"
                return
            assert facts(y) == got, f"{name} {arguments} {x.strides}\n  torch {facts(y)}\n  ours  {got}"
            x = ops.declared(name).call(arguments, keywords, bound=True)  # type: ignore[union-attr]
            if prod(x) > 2000:
                return

    run()


def fixed(draw: Draw, x: Tensor) -> Draw:
    """Return a draw whose first tensor is given."""

    class Fixed(Draw):
        first = True

        def tensor(self, low: int = 0, high: int = 4, dtype: str = "") -> Tensor:
            if self.first:
                self.first = False
                return x
            return super().tensor(low, high, dtype)

    return Fixed(draw.random)
