"""Trace, Step: what every line does to the shape, the totals, and what the symbols must satisfy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dim import prod
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convshape.bound import BoundLine
    from convshape.dim import Size, Symbols
    from convshape.faults import ConvshapeError
    from convshape.layer import Layer
    from convshape.network import Network
    from convshape.op import Op
    from convshape.source import Span
    from convshape.tensor import Sizes


class Step(NamedTuple):
    """One layer or op that ran: what went in and what came out.

    `path` is the name as torch would have it in a state_dict ("0", "stem.conv"); an op inside a line has the line's.
    `layer` is None for an op. `shared` says that the weights were counted at an earlier step.
    """

    path: str
    name: str
    layer: Layer | None
    inputs: tuple[Any, ...]
    keywords: dict[str, Any] | None = None
    output: Any = None
    span: Span | None = None
    shared: bool = False
    op: Op | None = None

    def __repr__(self) -> str:
        """Write what the step is, and what came out."""
        return f"<{self.path or '?'}: {self.call} -> {self.output}>"

    @property
    def call(self) -> str:
        """The layer as it is made, `_` filled in; the name of an op."""
        return self.layer.signature() if self.layer else self.name

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors that went in, out of whatever they are nested in."""
        return list(every_tensor((self.inputs, tuple((self.keywords or {}).values()))))

    @property
    def first(self) -> Tensor | None:
        """The first of the tensors that went in."""
        x = self.inputs[0] if self.inputs else None
        return x if isinstance(x, Tensor) else next(iter(self.tensors), None)

    @property
    def weights(self) -> dict[str, Sizes]:
        """The shapes of the parameters by name, as named_parameters gives them."""
        return dict(self.layer.weights()) if self.layer else {}

    @property
    def params(self) -> Size:
        """How many parameters it holds; 0 where they were counted at an earlier step."""
        return 0 if self.shared or not self.layer else sum(prod(shape) for _, shape in self.layer.weights())

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates one forward takes."""
        if self.layer:
            return self.layer.macs(self.output, *self.layer.positional_inputs(self.inputs, self.keywords))
        return self.op.macs(self.output, self.inputs, self.keywords) if self.op else 0


class Trace:
    """What a network does to its input; `error` is what stopped it, and then `steps` are the ones before.

    `output` is a Tensor, or a nested tuple of them. `t["fc"]` is the last step of that name.
    """

    __slots__ = ("error", "held", "inputs", "lines", "network", "notes", "output", "steps", "symbols", "titles")
    error: ConvshapeError | None
    held: Sequence[tuple[Any, int]]
    inputs: Mapping[str, Tensor]
    lines: tuple[BoundLine, ...]
    network: Network
    notes: tuple[str, ...]
    output: Any
    steps: tuple[Step, ...]
    symbols: Symbols
    titles: Mapping[str, str]

    def __init__(  # noqa: PLR0913, PLR0917  # what a propagation found
        self,
        network: Network,
        inputs: Mapping[str, Tensor],
        symbols: Symbols,
        steps: tuple[Step, ...],
        output: Any,
        error: ConvshapeError | None,
        notes: tuple[str, ...] = (),
        titles: Mapping[str, str] | None = None,
        lines: tuple[BoundLine, ...] = (),
        held: Sequence[tuple[Any, int]] = (),
    ) -> None:
        """Keep the steps; `titles` says what each nested part is, by its path, `lines` are what was run.

        `held` is what a forward keeps beyond its last use, as the input of a block, and before which step that ends.
        """
        keep = object.__setattr__
        keep(self, "network", network)
        keep(self, "inputs", inputs)
        keep(self, "symbols", symbols)
        keep(self, "steps", steps)
        keep(self, "output", output)
        keep(self, "error", error)
        keep(self, "notes", notes)
        keep(self, "titles", titles or {})
        keep(self, "lines", lines)
        keep(self, "held", held)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse to change: a trace is what was found."""
        raise AttributeError(f"a Trace does not change: {name} stays as it is")

    def __repr__(self) -> str:
        """Write what goes in, how many steps there are, and what comes out or is refused."""
        came = f"{self.error.code}: {self.error.message}" if self.error else self.output
        return f"<Trace of {', '.join(map(str, self.inputs.values()))}: {len(self.steps)} steps -> {came}>"

    def __str__(self) -> str:
        """Write the plain table, and under it what stopped the trace."""
        from convshape.render import rendered
        from convshape.render.diagnostic import diagnostic
        from convshape.terminal import Screen

        text, _ = rendered(self, "plain", None, None, Screen())
        return text + diagnostic(self.error, Screen()) if self.error else text

    def __getitem__(self, path: str) -> Step:
        """Return the last step of a name.

        Raises KeyError when there is none.
        """
        step: Step
        for step in reversed(self.steps):
            if step.path == path or step.path.startswith(f"{path}."):
                return step
        raise KeyError(path)

    @property
    def linear_in(self) -> Size:
        """The in_features that the first Linear needs, else the flattened size per sample of the output."""
        return self.linear_in_at(None)

    def linear_in_at(self, path: str | None) -> Size:
        """Return the in_features that a Linear needs; `None` is the first one, the name of a part the first in it.

        Raises the error of the trace when it stopped before that Linear, KeyError when there is none of that name.
        """
        for name, size in self.linears().items():
            if path is None or name == path or name.startswith(f"{path}."):
                return size
        if self.error:
            raise self.error
        if path is not None:
            raise KeyError(path)
        return prod(first_tensor(self.output)[1:])

    def linears(self) -> dict[str, Size]:
        """Return the in_features that each Linear needs, by name; a wrong one that stopped the trace is among them."""
        last = self.error.step if self.error and wrong_linear(self.error) else None
        steps = (*self.steps, last) if last else self.steps
        return {step.path: step.inputs[0][-1] for step in steps if step.name in LINEAR}

    @property
    def params(self) -> Size:
        """How many parameters the network holds, shared ones once."""
        return sum(step.params for step in self.steps)

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates one forward takes."""
        return sum(step.macs for step in self.steps)


LINEAR = ("Linear", "LazyLinear")
"""What has in_features to work out."""


def wrong_linear(error: ConvshapeError | None) -> bool:
    """Tell whether a trace ended at a Linear that was given the wrong in_features."""
    return error is not None and error.code == "features" and error.step is not None and error.step.name in LINEAR


def every_tensor(value: Any) -> Sequence[Tensor]:
    """Return the tensors of a nested value."""
    if isinstance(value, Tensor):
        return (value,)
    return [one for part in value for one in every_tensor(part)] if isinstance(value, (tuple, list)) else ()


def first_tensor(value: Any) -> Tensor:
    """Return the first tensor of a nested output."""
    while isinstance(value, (tuple, list)) and not isinstance(value, Tensor):
        value = next((part for part in value if part is not None), Tensor())
    return value if isinstance(value, Tensor) else Tensor()
