"""A random network says the same in every dialect, and print(model) of the real one too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from convshape.layers import FAMILY
from convshape.read import parse
from convshape.source import Source
from texts import layers_of

SMALL = st.integers(1, 9)
ODD = st.sampled_from([1, 3, 5])


def layer(name: str, *required: tuple[str, Any], **optional: Any) -> Any:
    """Make a strategy of layers: a class, its required arguments in their order, and some of the others."""
    return st.tuples(
        st.just(name),
        st.tuples(*(st.tuples(st.just(field), values) for field, values in required)),
        st.fixed_dictionaries({}, optional=optional).map(lambda given: tuple(sorted(given.items()))),
    )


LAYERS = st.one_of(
    layer(
        "Conv1d", ("in_channels", SMALL), ("out_channels", SMALL), ("kernel_size", SMALL),
        stride=SMALL, bias=st.booleans(),
    ),
    layer(
        "Conv2d", ("in_channels", SMALL), ("out_channels", SMALL), ("kernel_size", st.tuples(ODD, ODD)),
        padding=st.one_of(st.just("same"), st.just("valid"), SMALL, st.tuples(SMALL, SMALL)),
        dilation=SMALL, padding_mode=st.sampled_from(["zeros", "reflect", "circular"]),
    ),
    layer("Linear", ("in_features", SMALL), ("out_features", SMALL), bias=st.booleans()),
    layer("BatchNorm2d", ("num_features", SMALL), momentum=st.one_of(st.none(), st.just(0.2)), eps=st.just(1e-3)),
    layer("LayerNorm", ("normalized_shape", st.tuples(SMALL, SMALL))),
    layer("Dropout", p=st.sampled_from([0, 0.1, 0.5, 1.0]), inplace=st.booleans()),
    layer("LeakyReLU", negative_slope=st.floats(0.001, 10.0)),
    layer("Flatten", start_dim=st.integers(0, 2), end_dim=st.integers(-2, -1)),
    layer("Unflatten", ("dim", SMALL), ("unflattened_size", st.tuples(SMALL, SMALL))),
    layer("LSTM", ("input_size", SMALL), ("hidden_size", SMALL), batch_first=st.booleans(), num_layers=SMALL),
    layer("ReLU"), layer("Identity"), layer("Tanh"),
)  # fmt: skip
NAMES = st.one_of(
    st.none(), st.from_regex(r"[a-z][a-z0-9_]{0,6}\Z", fullmatch=True).filter(lambda name: name not in WORDS)
)
WORDS = {"x", "if", "in", "is", "or", "and", "not", "for", "def", "del", "try", "as", "lambda", "pass", "from", "class",
         "import", "repeat", "on", "off", "no", "yes", "true", "false", "null", "none", "while", "with", "else", "elif",
         "raise", "return", "yield", "global", "assert", "break", "except", "async", "await"}  # fmt: skip


def named(layers: Any) -> Any:
    """Give layers names, each once."""
    pairs = st.lists(st.tuples(NAMES, layers), min_size=1, max_size=5)
    return pairs.map(
        lambda found: [(None if name in seen(found, n) else name, part) for n, (name, part) in enumerate(found)]
    )


def seen(pairs: list[Any], count: int) -> set[str | None]:
    """Return the names of the pairs before one."""
    return {name for name, _ in pairs[:count]}


NETWORKS = named(st.recursive(LAYERS, named, max_leaves=8))


def value(written: Any) -> str:
    """Write an argument in Python."""
    return repr(written)


def positional(part: Any) -> str:
    """Write a layer with its required arguments by position."""
    name, required, optional = part
    return f"{name}({', '.join([*(value(v) for _, v in required), *(f'{k}={value(v)}' for k, v in optional)])})"


def by_name(part: Any) -> str:
    """Write a layer with every argument by name."""
    name, required, optional = part
    return f"{name}({', '.join(f'{k}={value(v)}' for k, v in (*required, *optional))})"


def short(layers: Any, indent: str = "") -> str:
    """Write YAML with calls."""
    rows = []
    for name, part in layers:
        key = f"{name}: " if name else ""
        rows.append(
            f"{indent}- {key}" + (f"\n{short(part, indent + '    ')}" if isinstance(part, list) else positional(part))
        )
    return "\n".join(rows)


def mapping(layers: Any, indent: str = "") -> str:
    """Write YAML with mappings."""
    rows = []
    for name, part in layers:
        key = f"{name}:" if name else ""
        if isinstance(part, list):
            rows.append(f"{indent}- {key}\n{mapping(part, indent + '    ')}")
            continue
        kind, required, optional = part
        fields = ", ".join(f"{k}: {plain(v)}" for k, v in (*required, *optional))
        rows.append(f"{indent}- {key} {{{kind}: {{{fields}}}}}" if key else f"{indent}- {kind}: {{{fields}}}")
    return "\n".join(rows)


def plain(written: Any) -> str:
    """Write an argument in YAML."""
    if isinstance(written, tuple):
        return f"[{', '.join(map(str, written))}]"
    if written is None or isinstance(written, bool):
        return {True: "true", False: "no", None: "null"}[written]
    return str(written)


def sequential(layers: Any, layer: Any = positional) -> str:
    """Write nn.Sequential."""
    parts = (sequential(part) if isinstance(part, list) else f"nn.{layer(part)}" for _, part in layers)
    return f"nn.Sequential({', '.join(parts)})"


def ordered(layers: Any) -> str:
    """Write nn.Sequential(OrderedDict(...)) with every position as a name."""
    pairs = [
        f'("{name or place}", {ordered(part) if isinstance(part, list) else "nn." + by_name(part)}),'
        for place, (name, part) in enumerate(layers)
    ]
    return "nn.Sequential(OrderedDict([\n" + "\n".join(pairs) + "\n]))"


def inline(layers: Any) -> str:
    """Write one line with arrows."""
    return " -> ".join(
        (f"{name} = " if name else "") + (sequential(part) if isinstance(part, list) else positional(part))
        for name, part in layers
    )


def unnamed(layers: Any) -> Any:
    """Take the names off."""
    return [(None, unnamed(part) if isinstance(part, list) else part) for _, part in layers]


def outer_names(layers: Any) -> Any:
    """Keep only the names of the outermost layers: inline has no others."""
    return [(name, unnamed(part) if isinstance(part, list) else part) for name, part in layers]


def real(layers: Any) -> nn.Sequential:
    """Make the network in torch."""
    found = nn.Sequential()
    for place, (name, part) in enumerate(layers):
        made = real(part) if isinstance(part, list) else getattr(nn, part[0])(**dict(part[1]), **dict(part[2]))
        found.add_module(name or str(place), made)
    return found


def test_the_layers_are_known() -> None:
    """Every class that the strategy draws is a layer."""
    assert FAMILY.keys() >= {"Conv1d", "Conv2d", "Linear", "BatchNorm2d", "LayerNorm", "Dropout", "LeakyReLU", "LSTM"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NETWORKS)
def test_every_dialect_is_the_same_network(layers: Any) -> None:
    """YAML in both spellings and an OrderedDict agree; Sequential and inline do, where they can say the names."""
    wanted = layers_of(short(layers))
    assert layers_of(mapping(layers)) == wanted
    assert layers_of(ordered(layers)) == wanted
    assert layers_of(sequential(layers)) == layers_of(sequential(layers, by_name)) == layers_of(short(unnamed(layers)))
    if len(layers) > 1 or not isinstance(layers[0][1], list):  # a single Sequential is the network itself
        assert layers_of(inline(outer_names(layers))) == layers_of(short(outer_names(layers)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NETWORKS)
def test_networks_are_equal_as_they_are_read(layers: Any) -> None:
    """Where the arguments are spelled alike the Networks themselves are equal."""
    assert parse(Source("a", short(unnamed(layers)))) == parse(Source("b", sequential(layers)))
    assert parse(Source("a", "layers:\n" + short(layers, "  "))) == parse(Source("b", short(layers)))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NETWORKS)
def test_print_of_the_real_network_is_the_same(layers: Any) -> None:
    """What torch prints of the network gives its layers back."""
    try:
        text = str(real(layers))
    except (ValueError, RuntimeError):
        return  # torch refuses it; so does convshape, which other tests hold it to
    assert layers_of(text) == layers_of(short(layers))
