"""Asked: the network that a command line is about, traced, repaired and rehearsed as its options say."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from convshape.faults import ConvshapeError, ReadError
from convshape.options import declared, read_inputs, read_settings
from convshape.read import fetch, parse
from convshape.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.inputs import Given
    from convshape.network import Network
    from convshape.rehearsal import Rehearsal
    from convshape.source import Source
    from convshape.steps import Trace


class Asked:
    """A network, its inputs, its variables, the mode, and the layers of the user's own: what commands have in common.

    Whatever cannot be read raises ReadError when it is first needed.
    """

    def __init__(
        self,
        net: str,
        inputs: Sequence[str] | None = None,
        settings: Sequence[str] | None = None,
        *,
        train: bool = False,
        files: Sequence[str] | None = None,
    ) -> None:
        """Keep the texts of the options."""
        self.net = net
        self.texts = inputs
        self.train = train
        self.settings = read_settings(settings)
        self.layers = declared(files)

    @cached_property
    def source(self) -> Source:
        """The text of the network."""
        return fetch(self.net)

    @cached_property
    def network(self) -> Network:
        """The network."""
        return parse(self.source)

    @cached_property
    def inputs(self) -> dict[str, Given] | None:
        """The inputs by their names."""
        return read_inputs(self.texts, self.network)

    def trace(self, network: Network | None = None, *, inputs: Any = None, fill: bool = False) -> Trace:
        """Trace the network, or an edited one, at the inputs or at others.

        With `fill` every Linear takes the in_features it needs.
        """
        module, function = ("linears", "with_linears_filled") if fill else ("api", "trace")
        run = getattr(import_module(f"convshape.{module}"), function)
        given = inputs or self.inputs
        found: Trace = run(network or self.network, given, self.settings, train=self.train, layers=self.layers)
        return found

    def fixed(self, output: str | None) -> tuple[Trace, list[str]]:
        """Trace the network with the best repair of each fault written into its file, or into `output`.

        Return what was done, too. Raises ReadError when the file cannot be written.
        """
        from convshape.repair.fixing import fixed

        return fixed(self.net, self.source, lambda text: self.trace(parse(text)), output)

    def note_other_sizes(self, trace: Trace) -> None:
        """Note beside the error of a trace at which other sizes of its input the network works."""
        if trace.error and not trace.error.note:
            from convshape.sizing.elsewhere import elsewhere

            trace.error.note = elsewhere(trace, self.inputs, self.settings, train=self.train, layers=self.layers)

    def rehearsed(self, trace: Trace, device: str) -> Rehearsal:
        """Run a trace in torch; its symbols take the smallest sizes that work."""
        from convshape import api
        from convshape.rehearsal import rehearse

        return rehearse(
            trace,
            lambda sizes: self.trace(trace.network, inputs=sizes),
            lambda: api.sizes(trace.network, self.inputs, self.settings, train=self.train, layers=self.layers),
            device,
        )


def linears(trace: Trace, at: str | None, *, every: bool) -> list[str]:
    """Return the lines of `linear-in`.

    Raises ReadError when no Linear has the name, and the error of the trace when it stopped before the Linear.
    """
    if every:
        if trace.error:
            raise trace.error
        return [f"{name} {size}" for name, size in trace.linears().items()]
    try:
        return [str(trace.linear_in_at(at))]
    except KeyError:
        raise no_linear(trace, at or "") from None


def no_linear(result: Trace, at: str) -> ConvshapeError:
    """Make the error for a name that no Linear has."""
    known = list(result.linears())
    words = f"no Linear is called {at}{did_you_mean(at, known)}"
    there = f"; there is {', '.join(known)}" if known else ""
    return ReadError("unknown-layer", words + there, result.network.source)
