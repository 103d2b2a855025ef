"""Asked: the network that a command line is about, traced, repaired and rehearsed as its options say."""

from __future__ import annotations

from functools import cached_property, partial
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
    from convshape.sizing import Sizes
    from convshape.source import Source
    from convshape.steps import Trace


class Options:
    """The inputs, the variables, the mode, and the layers of the user's own: how a command traces a network."""

    def __init__(
        self,
        inputs: Sequence[str] | None = None,
        settings: Sequence[str] | None = None,
        *,
        train: bool = False,
        files: Sequence[str] | None = None,
    ) -> None:
        """Read what needs no network.

        Raises ReadError where it cannot be read.
        """
        self.texts = inputs
        self.train = train
        self.settings = read_settings(settings)
        self.layers = declared(files)

    def inputs(self, network: Network) -> dict[str, Given] | None:
        """Return the inputs of a network by their names.

        Raises ReadError where they cannot be read.
        """
        return read_inputs(self.texts, network)

    def trace(self, network: Network, inputs: Any = None) -> Trace:
        """Trace a network, at the inputs or at others."""
        from convshape import api

        given = inputs or self.inputs(network)
        return api.trace(network, given, self.settings, train=self.train, layers=self.layers)

    def sizes(self, network: Network, free: Sequence[str] = ()) -> Sizes:
        """Solve for the sizes at which a network works; `free` are axes that become symbols."""
        from convshape import api

        given = self.inputs(network)
        return api.sizes(network, given, self.settings, free=free, train=self.train, layers=self.layers)


class Asked(Options):
    """A network and the options it is asked about with; it is read once, when it is first needed."""

    def __init__(
        self,
        net: str,
        inputs: Sequence[str] | None = None,
        settings: Sequence[str] | None = None,
        *,
        train: bool = False,
        files: Sequence[str] | None = None,
    ) -> None:
        """Keep the text that names the network."""
        super().__init__(inputs, settings, train=train, files=files)
        self.net = net

    @cached_property
    def source(self) -> Source:
        """The text of the network."""
        return fetch(self.net)

    @cached_property
    def network(self) -> Network:
        """The network."""
        return parse(self.source)

    def trace(self, network: Network | None = None, inputs: Any = None) -> Trace:
        """Trace the network, or an edited one, at the inputs or at others."""
        return super().trace(network or self.network, inputs)

    def filled(self) -> Trace:
        """Trace the network with the in_features that every Linear needs."""
        from convshape.linears import with_linears_filled

        given = self.inputs(self.network)
        return with_linears_filled(self.network, given, self.settings, train=self.train, layers=self.layers)

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

            trace.error.note = elsewhere(trace, partial(self.sizes, trace.network))

    def rehearsed(self, trace: Trace, device: str) -> Rehearsal:
        """Run a trace in torch; its symbols take the smallest sizes that work."""
        from convshape.rehearsal import rehearse

        return rehearse(trace, partial(self.trace, trace.network), partial(self.sizes, trace.network), device)


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
