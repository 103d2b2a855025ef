"""Completion: what a shell offers where a name belongs. A file that cannot be read offers nothing."""

from __future__ import annotations

import typer  # noqa: TC002  # typer looks the annotation up


def layer_names(incomplete: str) -> list[str]:
    """Offer the names of layers."""
    from convshape import layers

    return [name for name in layers.FAMILY if name.startswith(incomplete)]


def explained_names(incomplete: str) -> list[str]:
    """Offer what can be explained by its name: layers and codes."""
    from convshape import layers, words

    return [name for name in (*layers.FAMILY, *words.codes()) if name.startswith(incomplete)]


def linear_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of the Linears of the network that the command line names."""
    from convshape.asked import Asked
    from convshape.faults import ConvshapeError

    net, inputs, settings = (ctx.params.get(name) for name in ("net", "inputs", "settings"))
    net = net or next(iter(ctx.args), "")  # an option that waits for its value leaves the arguments unread
    if not net or net == "-":
        return []
    try:
        result = Asked(net, inputs, settings).filled()
    except ConvshapeError:
        return []
    return [name for name in result.linears() if name.startswith(incomplete)]
