"""Dtypes: what the kernels behind layers take, and what torch calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.faults import Fault, require
from convshape.tensor import is_floating

if TYPE_CHECKING:
    from convshape.tensor import Tensor

SCALARS = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "float16": "Half", "bfloat16": "BFloat16", "float32": "Float", "float64": "Double",
    "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
"""What torch's messages call a dtype, from the narrowest to the widest."""
C_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int",
    "int64": "long int", "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float",
    "float64": "double", "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip
"""What some of them call it instead: the type of C++."""
WIDTHS = tuple(SCALARS)
COMPLEX = ("complex64", "complex128")
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
CAST = Fault(
    "dtype",
    "makes floating-point numbers, which {dtype} cannot hold",
    "RuntimeError: result type {result} can't be cast to the desired output type {scalar}",
)


def need_floating(x: Tensor, kernel: str, also: tuple[str, ...] = ()) -> None:
    """Refuse what a kernel was not written for: what is not floating-point, nor among `also`."""
    if x.dtype != "float32":
        known = is_floating(x.dtype) or x.dtype in also
        require(known, NOT_IMPLEMENTED, kernel=kernel, dtype=x.dtype, scalar=SCALARS[x.dtype])


def need_stored_dtype(x: Tensor) -> None:
    """Refuse an input that the weights or statistics of a norm do not go with."""
    require(x.dtype in ("float32", "float16", "bfloat16"), MIXED, dtype=x.dtype)


def tensor_name(dtype: str) -> str:
    """Return what torch calls a tensor of a dtype: torch.LongTensor."""
    return f"CPU{SCALARS[dtype]}Type" if dtype in WITHOUT_TENSOR_NAME else f"torch.{SCALARS[dtype]}Tensor"


def as_floating(dtype: str) -> str:
    """Return the dtype that a function with fractions makes of one: integers become float32."""
    return dtype if is_floating(dtype) or dtype in COMPLEX else "float32"


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
