"""Dtypes: what the kernels behind layers take, and what torch calls it."""

from __future__ import annotations

from typing import Any

from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.tensor import Tensor, is_floating

SCALARS = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "float16": "Half", "bfloat16": "BFloat16", "float32": "Float", "float64": "Double",
    "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
"""What torch's messages call a dtype, from the narrowest to the widest."""
C_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int",
    "int64": "long int", "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float",
    "float64": "double", "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip
"""What some of them call it instead: the type of C++."""
WIDTHS = tuple(SCALARS)
HALVES = ("float16", "bfloat16")
COMPLEX = ("complex64", "complex128")
REAL = {"complex64": "float32", "complex128": "float64"}
WITHOUT_TENSOR_NAME = ("bool", "bfloat16", *COMPLEX)

NOT_IMPLEMENTED = Fault(
    "dtype",
    "cannot work on {dtype}",
    "NotImplementedError: \"{kernel}\" not implemented for '{scalar}'",
)
MIXED = Fault(
    "dtype",
    "stores float32, which does not go with {dtype}",
    "RuntimeError: mixed dtype (CPU): all inputs must share same datatype.",
)
NO_CLAMP = Fault(
    "dtype",
    "cannot work on {dtype}",
    "NotImplementedError: clamp is not supported for complex types",
)
CAST = Fault(
    "dtype",
    "makes floating-point numbers, which {dtype} cannot hold",
    "RuntimeError: result type {result} can't be cast to the desired output type {scalar}",
)


def need_floating(x: Tensor, kernel: str, also: tuple[str, ...] = (), *, skips_empty: bool = False) -> None:
    """Refuse what a kernel was not written for: what is not floating-point, nor among `also`.

    `skips_empty` says that an empty input is given back unread.
    """
    if x.dtype != "float32":
        known: Any = is_floating(x.dtype) or x.dtype in also
        require(
            known or (skips_empty and prod(x) == 0),
            NOT_IMPLEMENTED,
            kernel=kernel,
            dtype=x.dtype,
            scalar=SCALARS[x.dtype],
        )


def need_stored_dtype(x: Tensor, *, skips_empty: bool = False) -> None:
    """Refuse an input that the weights or statistics of a norm do not go with."""
    known: Any = x.dtype in ("float32", "float16", "bfloat16")
    require(known or (skips_empty and prod(x) == 0), MIXED, dtype=x.dtype)


def need_order(dtype: str) -> None:
    """Refuse to clamp complex numbers: none is the larger one."""
    require(dtype not in COMPLEX, NO_CLAMP, dtype=dtype)


def need_comparable(dtype: str, kernel: str, at: str = "") -> None:
    """Refuse to compare complex numbers."""
    require(dtype not in COMPLEX, NOT_IMPLEMENTED, at, dtype=dtype, kernel=kernel, scalar=SCALARS[dtype])


def tensor_name(dtype: str) -> str:
    """Return what torch calls a tensor of a dtype: torch.LongTensor."""
    return f"CPU{SCALARS[dtype]}Type" if dtype in WITHOUT_TENSOR_NAME else f"torch.{SCALARS[dtype]}Tensor"


def as_floating(dtype: str) -> str:
    """Return the dtype that a function with fractions makes of one: integers become float32."""
    return dtype if is_floating(dtype) or dtype in COMPLEX else "float32"


def as_real(dtype: str) -> str:
    """Return the dtype of the distance from zero: complex numbers have a real one."""
    return REAL.get(dtype, dtype)


def promoted(first: str, second: str) -> str:
    """Return the dtype that two make together: the wider one, or one that holds both.

    Source: torch.promote_types.
    """
    narrow, wide = sorted((first, second), key=WIDTHS.index)
    if (narrow, wide) == ("uint8", "int8"):
        return "int16"
    if (narrow, wide) == ("float16", "bfloat16"):
        return "float32"
    return "complex128" if (narrow, wide) == ("float64", "complex64") else wide


# --- dtypes as values, and the arithmetic of tensors and numbers ---


class Dtype(str):
    """A dtype as a value: what `torch.int64` and `x.dtype` stand for."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Write it as torch does."""
        return f"torch.{self}"


ALIASES = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip
BYTES = {
    "float32": 4, "float64": 8, "float16": 2, "bfloat16": 2, "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1,
    "bool": 1, "complex64": 8, "complex128": 16,
}  # fmt: skip
CONSTANTS: dict[str, Any] = {
    **{name: Dtype(name) for name in SCALARS},
    **{alias: Dtype(name) for alias, name in ALIASES.items()},
    **{name: name for name in ("contiguous_format", "channels_last", "channels_last_3d", "preserve_format", "strided")},
    "inf": float("inf"),
    "nan": float("nan"),
    "pi": 3.141592653589793,
}
"""The names of torch that stand for a value."""
DEFAULT = "float32"
"""What torch makes where nothing says otherwise."""


BOOLS, WHOLES, FLOATS, COMPLEXES = range(4)
"""The categories of dtypes: the result of arithmetic is of the highest among its operands."""


def category(dtype: str) -> int:
    """Return the category of a dtype."""
    if dtype == "bool":
        return BOOLS
    return FLOATS if is_floating(dtype) else COMPLEXES if dtype in COMPLEX else WHOLES


def is_whole(dtype: str) -> bool:
    """Tell whether a dtype holds whole numbers or truths."""
    return category(dtype) <= WHOLES


def dtype_of(value: Any) -> str:
    """Return the dtype of a tensor, or the one that torch gives a Python number."""
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, bool):
        return "bool"
    return DEFAULT if isinstance(value, float) else "int64"


def result_type(*operands: Any) -> str:
    """Return the dtype of arithmetic: tensors with axes decide, then those without, then plain numbers.

    Source: torch.result_type.
    """
    found: list[str | None] = [None, None, None]
    for operand in operands:
        place = 2 if not isinstance(operand, Tensor) else 0 if operand else 1
        known = found[place]
        found[place] = dtype_of(operand) if known is None else promoted(known, dtype_of(operand))
    return _over(found[0], _over(found[1], found[2])) or DEFAULT


def _over(high: str | None, low: str | None) -> str | None:
    """Let the lower rank of operands change the result only where it is of a higher category."""
    if high is None or low is None:
        return high or low
    if category(high) == FLOATS and low in COMPLEX:  # the width is that of the higher rank
        return "complex128" if high == "float64" else "complex64"
    return promoted(high, low) if category(low) > category(high) else high


def castable(source: str, target: str) -> bool:
    """Tell whether an in-place result may be stored."""
    return category(source) <= category(target)
