"""Where convshape differs from torch on purpose: each with the case that shows it, and how it is told from a mistake.

docs/differences.md has a row for each; a test holds both to each other, and every example to still be one.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from layer_arguments import Spec

from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from judge import Answer, Case


class Difference(NamedTuple):
    """A row of the page, an example, and when it applies: the case, what torch says, and what the rule says."""

    case: str
    torch: str
    ours: str
    example: tuple[Spec, tuple[Any, ...]]
    applies: Callable[[Case, Answer, Answer], bool]


def refused_type(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether both refuse, and the rule the type of an argument that was made wrong."""
    return want.stage != "ok" and got.error == "TypeError" and got.at in case.bad


ACCIDENTS = {
    "out_channels": "ConvTranspose", "out_features": "LinearCrossEntropyLoss", "options": "LinearCrossEntropyLoss",
    "num_features": "Norm", "num_parameters": "PReLU", "include_last_offset": "EmbeddingBag",
    "embedding_dim": "Embedding", "stride": "MaxUnpool", "padding": "MaxUnpool|Conv",
    "cutoffs": "AdaptiveLogSoftmaxWithLoss", "alpha": "LocalResponseNorm", "beta": "LocalResponseNorm",
    "k": "LocalResponseNorm", "output_padding": "ConvTranspose",
}  # fmt: skip
"""The arguments whose type torch sometimes does not look at, and the classes they are of."""


def accident(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether torch runs with the type of an argument that it never meant, and the rule refuses it."""
    refused = want.stage == "ok" and got.error == "TypeError" and got.at in case.bad
    kind = ACCIDENTS.get(got.at)
    odd = any(isinstance(part, (dict, set, bytes, range)) for part in numbers(case.spec))
    return refused and (odd or (kind is not None and re.search(kind, case.spec.name) is not None))


def not_a_number(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether torch refuses a NaN at another check than the rule, or where the rule does not look."""
    refused = want.stage in (got.stage, "forward") and want.error != ""
    return refused and any(isinstance(part, float) and math.isnan(part) for part in numbers(case.spec))


MEMORY = re.compile(
    r"can't allocate memory|[Oo]verflow|int too big to convert|could not construct a memory descriptor|SymInt"
)
"""What torch says of a number that no memory holds, or that 64 bits do not."""
LARGE, LARGEST = 2**31, 3.5e38
"""From here on torch computes with ints that wrap around, each kernel with its own; and float32 holds no number."""


def is_huge(number: Any) -> bool:
    """Tell whether it is an int that wraps around, or a float that float32 does not hold."""
    if isinstance(number, float):
        return LARGEST < abs(number) < math.inf
    return isinstance(number, int) and abs(number) >= LARGE


def too_large(case: Case, want: Answer, _got: Answer) -> bool:
    """Tell whether torch refuses a number for what it takes to hold it, or names another number than was given."""
    huge = [number for number in numbers(case.spec) if is_huge(number)]
    named = any(str(number) in want.words for number in huge)
    return bool(huge) and want.stage != "ok" and bool(MEMORY.search(want.words) or wrapped(want) or not named)


def wrapped(want: Answer) -> bool:
    """Tell whether torch names a number as 32 bits, or a float, keep it."""
    return bool(re.search(r"_width: |\de\+", want.words))


def out_of_bounds(_case: Case, want: Answer, _got: Answer) -> bool:
    """Tell whether torch refuses a class for its value."""
    return bool(re.fullmatch(r"Target \d+ is out of bounds\.", want.words))


EMPTY = ("Output size is too small", "memory descriptor", "primitive descriptor", "non-empty")
"""What oneDNN and torch's own kernels say of nothing."""


def nothing_left(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether a transposed convolution makes nothing, of which oneDNN and torch's own kernels say different."""
    if "ConvTranspose" not in case.spec.name:
        return False
    said = [any(words in answer.words for words in EMPTY) for answer in (want, got)]
    empty = isinstance(got.output, tuple) and 0 in got.output[0]
    return said[1] if want.stage == "ok" else said[0] and (said[1] or empty)


def no_tensor(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether an input is no tensor, which torch refuses later, in words about something else, or not at all."""
    refused = got.stage == "forward" and got.error == "TypeError" and not got.at
    given = any(not isinstance(value, Tensor) for value in (*case.inputs, *case.keywords.values()))
    return refused and given and want.stage != "ctor"


DIFFERENCES = (
    Difference(
        "an argument of a type that it does not take, such as `padding=1.5`, `groups=True` or `activation=2`",
        "refuses it at once, later, or something else before it",
        "refuses it, in the constructor or where torch looks at it, and says what the argument takes",
        (Spec("Conv1d", (1, 1, 1), {"groups": True}), (Tensor((1, 1, 3)),)),
        refused_type,
    ),
    Difference(
        "`num_features=(16,)`, `num_parameters=(1,)`, a second stride for `MaxUnpool1d`, `embedding_dim=2.0` beside a "
        "weight, `include_last_offset=1` without offsets, `cutoffs=(True, 2)`, `options=0`, `alpha=1j`, "
        "`output_padding=1.5` beside an output_size, `out_channels=True` of a transposed convolution without a bias, "
        "`out_features=''`, `padding=(True, 2)` beside a padding_mode; a dict, set, range or bytes where several "
        "numbers belong",
        "runs by accident, here and there",
        "refuses the type",
        (Spec("BatchNorm1d", ((2,),)), (Tensor((3, 2)),)),
        accident,
    ),
    Difference(
        "NaN",
        "refuses it, at the first check that does not hold for a NaN",
        "refuses it at the same stage, perhaps at another check; or runs in eval",
        (Spec("Conv1d", (1, 1, 1), {"groups": math.nan}), (Tensor((1, 1, 3)),)),
        not_a_number,
    ),
    Difference(
        "ints from 2³¹ on, and floats that float32 does not hold",
        "some kernels wrap around, some refuse what 64 bits, float32 or the memory do not hold, some check other "
        "things before",
        "computes below 2⁶³, and refuses beyond as the wrong type",
        (Spec("ZeroPad1d", (2**40,)), (Tensor((7,)),)),
        too_large,
    ),
    Difference(
        "values: a class that is out of bounds",
        "refuses by the numbers in the tensor",
        "knows shapes only",
        (Spec("CrossEntropyLoss"), (Tensor((2, 0)), Tensor((2,), "int64"))),
        out_of_bounds,
    ),
    Difference(
        "a transposed convolution with a kernel of 1, of no output channels, or whose output has an axis of 0 or less",
        "oneDNN and the native kernel differ: one refuses what the other gives; which one runs depends on the threads",
        "says what oneDNN says",
        (Spec("ConvTranspose1d", (2, 2, 1), {"padding": 1}), (Tensor((2, 2, 1)),)),
        nothing_left,
    ),
    Difference(
        "None, or anything else that is no tensor, where a tensor belongs",
        "checks other things before, says so in passing, or calculates with it; Identity gives it back",
        "refuses it before anything else",
        (Spec("Identity"), (None,)),
        no_tensor,
    ),
)
"""All of them: nothing else is let go."""


def numbers(value: Any) -> list[Any]:
    """Return the arguments of a layer, of the layers among them, and what tuples hold."""
    if isinstance(value, Spec):
        return [found for part in (*value.arguments, *value.keywords.values()) for found in numbers(part)]
    if isinstance(value, (tuple, list)) and not isinstance(value, Tensor):
        return [found for part in value for found in numbers(part)]
    return [value]


def excuse(case: Case, want: Answer, got: Answer) -> Difference | None:
    """Return the difference that a case shows, None where it is a mistake."""
    return next((one for one in DIFFERENCES if one.applies(case, want, got)), None)
