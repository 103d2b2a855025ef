"""The command `emit`."""

from typing import Annotated

import typer

from convshape.commands.parameters import Files, Inputs, Net, Settings, Train


def emit(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    files: Files = None,
    sequential: Annotated[bool, typer.Option("--sequential", help="Write one nn.Sequential.")] = False,
    lazy: Annotated[bool, typer.Option("--lazy", help="Leave what was `_` to torch's Lazy classes.")] = False,
) -> None:
    """Write the network as a PyTorch module. Every number filled in, names as attributes, shapes as comments."""
    from convshape.asked import Asked
    from convshape.progress import Progress
    from convshape.render.torch_code import module_code, sequential_code
    from convshape.terminal import answer

    with Progress():
        result = Asked(net, inputs, settings, train=train, files=files).trace()
        text = (sequential_code if sequential else module_code)(result, lazy=lazy)
    answer(text)
