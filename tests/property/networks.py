"""Random networks that work, each broken by one edit, in every dialect: what the tests of repairs are about."""

from __future__ import annotations

from random import Random  # noqa: TC003  # the tests hand one in
from typing import Any, NamedTuple


class Layer(NamedTuple):
    """A layer: its class, and its arguments by name."""

    kind: str
    arguments: dict[str, Any]


class Net(NamedTuple):
    """A network: the shape of its input and its layers."""

    shape: tuple[int, ...]
    layers: tuple[Layer, ...]


def network(random: Random) -> Net:
    """Make convolutions, pools and what goes between them, then Flatten and Linears."""
    axes = random.choice((1, 1, 2, 2, 3))
    length = random.randint(*{1: (40, 200), 2: (20, 48), 3: (10, 16)}[axes])
    channels = random.choice((1, 2, 3, 5, 8))
    shape = (random.choice((2, 3, 4)), channels, *(length + random.randint(0, 6) for _ in range(axes)))
    layers: list[Layer] = []
    sizes = list(shape[2:])
    for _ in range(random.randint(1, 3)):
        kernel, stride = random.choice((1, 3, 3, 5)), random.choice((1, 1, 1, 2))
        padding = random.choice((0, kernel // 2))
        if min(sizes) + 2 * padding < kernel + stride:
            break
        made = random.choice((4, 6, 8, 16))
        extra = {"stride": stride} if stride > 1 else {}
        extra |= {"padding": padding} if padding else {}
        first = {"in_channels": channels, "out_channels": made, "kernel_size": kernel}
        layers.append(Layer(f"Conv{axes}d", first | extra))
        sizes = [(size + 2 * padding - kernel) // stride + 1 for size in sizes]
        channels = made
        layers += between(random, axes, channels)
        if min(sizes) >= 6 and random.random() < 0.5:
            layers.append(Layer(f"{random.choice(('Max', 'Avg'))}Pool{axes}d", {"kernel_size": 2}))
            sizes = [size // 2 for size in sizes]
    if random.random() < 0.3:
        layers.append(Layer(f"AdaptiveAvgPool{axes}d", {"output_size": 2}))
        sizes = [2] * axes
    layers.append(Layer("Flatten", {}))
    features = channels
    for size in sizes:
        features *= size
    for _ in range(random.randint(1, 3)):
        made = random.choice((2, 7, 10, 32))
        layers += [Layer("Linear", {"in_features": features, "out_features": made}), *activation(random)]
        features = made
    return Net(shape, tuple(layers))


def between(random: Random, axes: int, channels: int) -> list[Layer]:
    """Put a norm, an activation or a dropout after a convolution."""
    norm = [Layer(f"BatchNorm{axes}d", {"num_features": channels})] if random.random() < 0.4 else []
    return [*norm, *activation(random)]


def activation(random: Random) -> list[Layer]:
    """Make an activation, a dropout, or nothing."""
    return random.choice(([], [Layer("ReLU", {})], [Layer("Tanh", {})], [Layer("Dropout", {"p": 0.1})]))


BREAKS = ("features", "channels", "flatten", "layout", "kernel")


def broken(random: Random, net: Net, how: str) -> Net:
    """Break a network by one edit."""
    layers = list(net.layers)
    if how == "layout":
        return net._replace(shape=(net.shape[0], *net.shape[2:], net.shape[1]))
    place = random.choice([n for n, layer in enumerate(layers) if applies(layer, how)])
    if how == "flatten":
        return net._replace(layers=(*layers[:place], *layers[place + 1 :]))
    field, values = change(random, layers[place], how)
    layers[place] = layers[place]._replace(arguments=layers[place].arguments | {field: values})
    return net._replace(layers=tuple(layers))


def applies(layer: Layer, how: str) -> bool:
    """Tell whether an edit is one of this layer."""
    field = {"features": "in_features", "channels": "in_channels", "kernel": "kernel_size"}.get(how)
    return layer.kind == "Flatten" if how == "flatten" else field in layer.arguments and "Pool" not in layer.kind


def change(random: Random, layer: Layer, how: str) -> tuple[str, int]:
    """Choose another number for an argument."""
    if how == "kernel":
        return "kernel_size", random.randint(210, 400)
    names = {"features": ("in_features",), "channels": ("in_channels", "out_channels")}[how]
    name = random.choice(names)
    old = layer.arguments[name]
    return name, random.choice([old + 1, old + 7, 2 * old, max(old - 1, 1) if old > 1 else old + 2])


# --- dialects ---


def call(layer: Layer, prefix: str = "") -> str:
    """Write a layer as a call, its required arguments by position."""
    required = (
        "in_channels",
        "out_channels",
        "kernel_size",
        "in_features",
        "out_features",
        "num_features",
        "output_size",
    )
    given = [str(v) if n in required else f"{n}={v}" for n, v in layer.arguments.items()]
    return f"{prefix}{layer.kind}({', '.join(given)})"


def by_name(layer: Layer, prefix: str = "") -> str:
    """Write a layer as a call, its arguments by name."""
    return f"{prefix}{layer.kind}({', '.join(f'{n}={v}' for n, v in layer.arguments.items())})"


def head(net: Net) -> str:
    """Write the input of a YAML file."""
    return f"input: [{', '.join(map(str, net.shape))}]\n"


def short(net: Net) -> str:
    """Write YAML, some layers with names and comments."""
    rows = [
        f"  - {'' if n % 3 else f'part{n}: '}{call(layer)}{'' if n % 2 else '   # a comment'}"
        for n, layer in enumerate(net.layers)
    ]
    return head(net) + "# the layers\nlayers:\n" + "\n".join(rows) + "\n"


def mapping(net: Net) -> str:
    """Write YAML in the mapping spelling."""
    rows = []
    for place, layer in enumerate(net.layers):
        fields = ", ".join(f"{n}: {v}" for n, v in layer.arguments.items())
        body = f"{layer.kind}: {{{fields}}}" if fields else f"{layer.kind}:"
        rows.append(f"  - part{place}: {{{body}}}" if place % 2 and fields else f"  - {body}")
    return head(net) + "layers:\n" + "\n".join(rows) + "\n"


def flow(net: Net) -> str:
    """Write YAML with the layers in one list."""
    return head(net) + f"layers: [{', '.join(chr(34) + call(layer) + chr(34) for layer in net.layers)}]\n"


def nested(net: Net) -> str:
    """Write YAML whose layers stand in groups."""
    cut = next(n for n, layer in enumerate(net.layers) if layer.kind == "Linear")
    parts = [("body", net.layers[:cut]), ("head", net.layers[cut:])]
    rows = [f"  - {name}:\n" + "\n".join(f"      - {call(one)}" for one in part) for name, part in parts if part]
    return head(net) + "layers:\n" + "\n".join(rows) + "\n"


def blocks(net: Net) -> str:
    """Write YAML whose convolutions and Linears are blocks with parameters."""
    rows, needed = [], {}
    for layer in net.layers:
        if layer.kind.startswith("Conv"):
            extra = "".join(f", {n}={v}" for n, v in layer.arguments.items() if n in ("stride", "padding"))
            name = f"unit{len(extra)}_{extra.count('2')}"
            name = "unit" + "".join(c for c in extra if c.isalnum())
            needed[name] = f"  {name}(i, o, k):\n    - {layer.kind}(i, o, k{extra})\n"
            rows.append(f"  - {name}({', '.join(map(str, list(layer.arguments.values())[:3]))})")
        else:
            rows.append(f"  - {call(layer)}")
    return head(net) + "blocks:\n" + "".join(needed.values()) + "layers:\n" + "\n".join(rows) + "\n"


def variables(net: Net) -> str:
    """Write YAML whose numbers are variables."""
    names: dict[str, int] = {}
    rows = []
    for place, layer in enumerate(net.layers):
        given = []
        for name, value in layer.arguments.items():
            if isinstance(value, int) and value > 3:
                names[f"{name[:3]}{place}"] = value
                given.append(f"{name}={name[:3]}{place}")
            else:
                given.append(f"{name}={value}")
        rows.append(f"  - {layer.kind}({', '.join(given)})")
    head_vars = f"vars: {{{', '.join(f'{n}: {v}' for n, v in names.items())}}}\n"
    return head(net) + head_vars + "layers:\n" + "\n".join(rows) + "\n"


def inline(net: Net) -> str:
    """Write one line."""
    return " -> ".join((f"part{n} = " if n % 4 == 1 else "") + call(layer) for n, layer in enumerate(net.layers))


def sequential(net: Net) -> str:
    """Write nn.Sequential."""
    return "nn.Sequential(\n" + "".join(f"    {call(layer, 'nn.')},\n" for layer in net.layers) + ")\n"


def ordered(net: Net) -> str:
    """Write nn.Sequential of an OrderedDict."""
    rows = "".join(f'    ("part{n}", {by_name(layer, "nn.")}),\n' for n, layer in enumerate(net.layers))
    return f"nn.Sequential(OrderedDict([\n{rows}]))\n"


def module(net: Net) -> str:
    """Write a class."""
    made = "".join(f"        self.part{n} = {call(layer, 'nn.')}\n" for n, layer in enumerate(net.layers))
    used = "".join(f"        x = self.part{n}(x)\n" for n, _ in enumerate(net.layers))
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"{made}\n    def forward(self, x):\n{used}        return x\n"
    )


DIALECTS = {
    f.__name__: f for f in (short, mapping, flow, nested, blocks, variables, inline, sequential, ordered, module)
}
