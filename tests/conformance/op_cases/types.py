"""Cases for what asks about dtypes."""
# each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("promote_types can_cast")
def promote(draw: Draw) -> Case:
    """Two dtypes."""
    from convshape.dtypes import SCALARS, Dtype

    return (Dtype(draw.pick(SCALARS)), Dtype(draw.pick(SCALARS))), {}


@case("result_type")
def result_type(draw: Draw) -> Case:
    """Two operands."""
    return (draw.tensor(), draw.number() if draw.chance(40) else draw.tensor()), {}
