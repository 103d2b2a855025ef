"""Other words for the same faults: what torch's bindings and Python say of an argument, and what older releases said.

They are read as well as can be. The names of the values are those of the faults that convshape raises itself.
"""

from __future__ import annotations

from convshape.faults import Fault


class Wording(Fault):
    """A message that convshape never writes, but reads; `release` says which torch wrote it, "" is the pinned one."""

    __slots__ = ("release",)

    def __init__(self, code: str, says: str, torch: str, release: str = "") -> None:
        """Declare a message."""
        super().__init__(code, says, torch)
        self.release = release


FEATURES = "expects {in_features} features on the last axis, got {got}"
CHANNELS = "expects {in_channels} channels, got {got}"
KIND = "takes {phrase} as {name}, got {type}"

BINDINGS = (
    Wording(
        "argument-type",
        KIND,
        "TypeError: {function}(): argument '{name}' (position {place}) must be {phrase}, not {type}",
    ),
    Wording(
        "argument-type",
        KIND,
        "TypeError: {function}(): argument '{name}' (position {place}) must be {phrase}, "
        "but found element of type {type} at pos {index}",
    ),
    Wording(
        "argument-type",
        KIND,
        "TypeError: {function}(): argument '{name}' failed to unpack the object at pos {index} "
        'with error "type must be {phrase},but got {type}"',
    ),
    Wording(
        "argument-type",
        "takes a whole number as {name}, got {type}",
        "TypeError: {name} should be of type {phrase}, got: {type}",
    ),
    Wording(
        "argument-type",
        "takes whole numbers as {name}, got {type}",
        "TypeError: {name} must be a tuple of ints, but found type {type}",
    ),
    Wording(
        "argument-type",
        "takes whole numbers as {name}, got {type}",
        "TypeError: {name} must be tuple of ints, but found element of type {type} at pos {index}",
    ),
    Wording(
        "argument-type",
        "got arguments of types that do not go together: {given}",
        "TypeError: {function}() received an invalid combination of arguments - got ({given}), but expected one of:",
    ),
    Wording(
        "argument-type",
        "got a {first} where a number belongs",
        "TypeError: '{operator}' not supported between instances of '{first}' and '{second}'",
    ),
    Wording(
        "argument-type",
        "takes a whole number, got {type}",
        "TypeError: '{type}' object cannot be interpreted as an integer",
    ),
    Wording(
        "too-many-arguments",
        "takes {most} arguments, got {got}",
        "TypeError: {owner}.{method}() takes {most} positional argument but {got} were given",
    ),
    Wording("argument-type", KIND, "TypeError: {function}(): argument '{name}' must be {phrase}, not {type}"),
    Wording(
        "argument-type",
        "got a {first} and a {second} where numbers belong",
        "TypeError: unsupported operand type(s) for {operator}: '{first}' and '{second}'",
    ),
    Wording(
        "missing-argument",
        "needs {names}",
        "TypeError: {owner}.{method}() missing {count} required positional arguments: {names}",
    ),
    Wording(
        "choice",
        "knows {choices}, got {got:repr}",
        "ValueError: {name} must be one of {{{choices}}}, but got {field}={got:repr}",
    ),
)
"""What the bindings and Python say in as many forms as there are functions and types."""

FORMER = (
    Wording(
        "features",
        FEATURES,
        "RuntimeError: linear(): input and weight.T shapes cannot be multiplied ({rows}x{got} and "
        "{in_features}x{out_features})",
        "under torch.compile",
    ),
    Wording(
        "features",
        FEATURES,
        "RuntimeError: a and b must have same reduction dim, but got [{rows}, {got}] X "
        "[{in_features}, {out_features}].",
        "on the meta device",
    ),
    Wording(
        "dtype",
        "has weights of {weight}, got an input of {input}",
        "RuntimeError: Input type ({input}) and weight type ({weight}) should be the same",
        "where the two lie on different devices, or of other releases",
    ),
    Wording(
        "dtype",
        "multiplies two tensors of one type",
        "RuntimeError: self and mat2 must have the same dtype",
        "before 2.1",
    ),
    Wording(
        "missing-argument",
        "needs {names}",
        "TypeError: {method}() missing {count} required positional argument: {names}",
        "with a Python before 3.10",
    ),
    Wording(
        "features",
        FEATURES,
        "RuntimeError: size mismatch, m1: [{rows} x {got}], m2: [{in_features} x {out_features}]",
        "before 1.8",
    ),
    Wording(
        "features", "expects other features on the last axis", "RuntimeError: mat1 dim 1 must match mat2 dim 0", "1.7"
    ),
    Wording(
        "channels",
        CHANNELS,
        "RuntimeError: Given groups={groups}, weight of size {weight:spaced}, expected input{input} to have "
        "{in_channels} channels, but got {got} channels instead",
        "before 1.5",
    ),
    Wording(
        "channels",
        CHANNELS,
        "RuntimeError: Given groups={groups}, weight{weight}, so expected input{input} to have {in_channels} channels, "
        "but got {got} channels instead",
        "0.4",
    ),
    Wording(
        "rank",
        "has a kernel over other axes than the input",
        "RuntimeError: Expected {weight_rank}-dimensional input for {weight_rank}-dimensional weight {weight:spaced}, "
        "but got {rank}-dimensional input of size {input} instead",
        "before 1.5",
    ),
    Wording(
        "elements",
        "cannot lay {count} numbers out as {shape}",
        "RuntimeError: invalid argument 2: size '[{shape:apart}]' is invalid for input with {count} elements",
        "before 1.2",
    ),
    Wording(
        "kernel-too-large",
        "slides a window of {window:x} over an input of {padded:x}",
        "RuntimeError: Calculated padded input size per channel: ({padded:apart}). Kernel size: ({window:apart}). "
        "Kernel size can't greater than actual input size",
        "before 1.5",
    ),
    Wording(
        "sizes-match",
        "joins along axis {dim}, the others must match: got {want} and {got}",
        "RuntimeError: Sizes of tensors must match except in dimension {dim}. Got {want} and {got} in dimension {axis} "
        "(The offending index is {place})",
        "before 1.11",
    ),
    Wording(
        "sizes-match",
        "joins along axis {dim}, the others must match: got {want} and {got}",
        "RuntimeError: invalid argument 0: Sizes of tensors must match except in dimension {dim}. "
        "Got {want} and {got} in dimension {axis}",
        "before 1.5",
    ),
    Wording(
        "one-value-per-channel",
        "has one value per channel here, and needs more than one to normalise it",
        "ValueError: Expected more than 1 value per channel when training, got input size {input}",
        "before 1.1",
    ),
    Wording(
        "sizes-match",
        "needs a target of {input}, got {target}",
        "ValueError: Target and input must have the same number of elements. target nelement ({target}) != input "
        "nelement ({input})",
        "before 1.0",
    ),
)
"""What other releases said, as pages, forums and old projects still show it."""
