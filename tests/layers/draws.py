"""Draw calls of recurrent, attention, transformer and loss layers: most of them fit, the others miss by a little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


class Call(NamedTuple):
    """A layer by its name and arguments."""

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}  # noqa: RUF012  # never changed


class Shape(NamedTuple):
    """A tensor by its shape and dtype."""

    sizes: tuple[int, ...]
    dtype: str = "float32"


class Case(NamedTuple):
    """A layer, its inputs, and those that are given by name."""

    layer: Call
    inputs: tuple[Any, ...]
    keywords: dict[str, Any] = {}  # noqa: RUF012  # never changed


class Draw:
    """Draws sizes and shapes."""

    def __init__(self, random: Random) -> None:
        """Draw with this generator."""
        self.random = random
        self.choice = random.choice

    def chance(self, probability: float) -> bool:
        """Say yes now and then."""
        return self.random.random() < probability

    def size(self, low: int = 0) -> int:
        """Draw a size, 0 now and then."""
        return 0 if low == 0 and self.chance(0.03) else self.choice([1, 2, 2, 3, 3, 4, 5, 6, 8])

    def sizes(self, *ranks: int) -> tuple[int, ...]:
        """Draw a shape of one of these ranks."""
        return tuple(self.size() for _ in range(self.choice(ranks)))

    def near(self, sizes: Any, probability: float = 0.12) -> tuple[int, ...]:
        """Return a shape, or one that misses it by a size or an axis."""
        drawn = list(sizes)
        if drawn and self.chance(probability):
            drawn[self.random.randrange(len(drawn))] = self.size()
        if self.chance(probability / 2):
            drawn = [*drawn, self.size()] if self.chance(0.5) else drawn[:-1]
        if self.chance(probability / 3):
            drawn = [self.choice([1, size]) for size in drawn]
        return tuple(drawn)

    def tensor(self, sizes: Any, dtype: str = "float32", probability: float = 0.12) -> Shape:
        """Return a tensor of a shape near this one."""
        return Shape(self.near(sizes, probability), dtype)

    def flags(self, *names: str) -> dict[str, Any]:
        """Set some flags."""
        return {name: self.choice([True, False]) for name in names if self.chance(0.35)}

    def reduction(self) -> dict[str, Any]:
        """Draw a reduction, good or bad."""
        words = ["none", "none", "mean", "sum", "batchmean", "avg", "elementwise_mean"]
        return {} if self.chance(0.4) else {"reduction": self.choice(words)}

    def mask(self, *shapes: Any) -> Shape:
        """Draw a mask near one of these shapes."""
        dtypes = ["bool", "bool", "float32"] if self.chance(0.9) else ["int64"]
        return self.tensor(self.choice(shapes), self.choice(dtypes))


# --- recurrent ---


def recurrent(name: str) -> Callable[[Draw], Case]:
    """Draw an RNN, LSTM or GRU, with and without a state."""

    def draw(d: Draw) -> Case:
        features, hidden = d.size(1), d.size(1)
        keywords = d.flags("bias", "batch_first", "bidirectional")
        if d.chance(0.4):
            keywords["num_layers"] = d.choice([1, 2, 3, 0])
        if d.chance(0.2):
            keywords["dropout"] = d.choice([0.0, 0.5, 1.5, True, "a"])
        if name == "RNN" and d.chance(0.3):
            keywords["nonlinearity"] = d.choice(["tanh", "relu", "swish"])
        if name == "LSTM" and d.chance(0.3):
            keywords["proj_size"] = d.choice([0, 1, 2, -1])
        length, batch = d.size(), (d.size(),) if d.chance(0.7) else ()
        x = (*batch, length, features) if keywords.get("batch_first") else (length, *batch, features)
        count = keywords.get("num_layers", 1) * (2 if keywords.get("bidirectional") else 1)
        state = d.tensor((count, *batch, max(keywords.get("proj_size", 0), 0) or hidden))
        states = (state, d.tensor((count, *batch, hidden))) if name == "LSTM" else state
        inputs = (d.tensor(x, probability=0.08), *((states,) if d.chance(0.6) else ()))
        return Case(Call(name, (features, hidden), keywords), inputs)

    return draw


def cell(name: str) -> Callable[[Draw], Case]:
    """Draw a cell; torch crashes on the state of a batch beside a row, so that is not drawn."""

    def draw(d: Draw) -> Case:
        features, hidden = d.size(1), d.size(1)
        batch = (d.size(),) if d.chance(0.7) else ()
        x = d.tensor((*batch, features), probability=0.08)
        states = [d.tensor((*batch, hidden)) for _ in range(2)]
        if name != "RNNCell" and len(x.sizes) == 1:
            states = [Shape(state.sizes[-1:]) for state in states]
        state = tuple(states) if name == "LSTMCell" else states[0]
        return Case(Call(name, (features, hidden), d.flags("bias")), (x, *((state,) if d.chance(0.6) else ())))

    return draw


# --- attention ---


def attention(d: Draw) -> Case:
    """Draw an attention with masks, features of their own for key and value, and shared inputs."""
    heads = d.choice([1, 2, 2, 3, 4])
    features = heads * d.choice([1, 2, 3]) if d.chance(0.95) else d.size()
    keywords = d.flags("bias", "batch_first", "add_bias_kv", "add_zero_attn")
    own = {name: d.size(1) for name in ("kdim", "vdim") if d.chance(0.25)}
    length, places, batch = d.size(), d.size(), d.size() if d.chance(0.7) else None
    shape = sequences(batch, batch_first=keywords.get("batch_first", False))
    query, key, value = (
        d.tensor(shape(*at), probability=0.1)
        for at in ((length, features), (places, own.get("kdim", features)), (places, own.get("vdim", features)))
    )
    if not own and d.chance(0.4):
        value = key
        query, length = (key, places) if d.chance(0.5) else (query, length)
    given: dict[str, Any] = d.flags("need_weights", "average_attn_weights")
    if d.chance(0.4):
        given["key_padding_mask"] = d.mask((places,) if batch is None else (batch, places))
    if d.chance(0.4):
        given["attn_mask"] = d.mask((length, places), ((1 if batch is None else batch) * heads, length, places))
    if d.chance(0.15):
        given["is_causal"] = True
    return Case(Call("MultiheadAttention", (features, heads), keywords | own), (query, key, value), given)


def sequences(batch: int | None, *, batch_first: bool) -> Callable[[int, int], tuple[int, ...]]:
    """Return how sequences of a length and some features are laid out."""

    def shape(length: int, features: int) -> tuple[int, ...]:
        if batch is None:
            return length, features
        return (batch, length, features) if batch_first else (length, batch, features)

    return shape


def settings(d: Draw) -> dict[str, Any]:
    """Draw what the transformer layers share."""
    keywords = d.flags("batch_first", "norm_first", "bias") | {"dim_feedforward": d.choice([2, 5, 8])}
    if d.chance(0.3):
        layers = [Call(name) for name in ("Tanh", "GLU", "PReLU", "GELU")]
        keywords["activation"] = d.choice(["relu", "gelu", "swish", *layers])
    if d.chance(0.1):
        keywords["dropout"] = d.choice([0.0, 0.5, 1.5, -1])
    return keywords


def masks(d: Draw, heads: int, batch: int | None, **lengths: tuple[int, int]) -> dict[str, Any]:
    """Draw masks by name: those of padding over the second length, the others over both."""
    given: dict[str, Any] = {}
    for name, (length, places) in lengths.items():
        if d.chance(0.35):
            rows = (1 if batch is None else batch) * heads
            padding = (places,) if batch is None else (batch, places)
            wide = ((length, places), (rows, length, places))
            given[name] = d.mask(padding) if "padding" in name else d.mask(*wide)
    return given


def encoder(d: Draw) -> Case:
    """Draw an encoder layer or a stack of them."""
    heads, keywords = d.choice([1, 2, 2]), settings(d)
    features, length, batch = heads * d.choice([2, 3]), d.size(), d.size() if d.chance(0.75) else None
    shape = sequences(batch, batch_first=keywords.get("batch_first", False))
    layer, stacked = Call("TransformerEncoderLayer", (features, heads), keywords), d.chance(0.6)
    square = (length, length)
    given = masks(d, heads, batch, **{"mask" if stacked else "src_mask": square, "src_key_padding_mask": square})
    if stacked:
        more = d.flags("enable_nested_tensor", "mask_check")
        norm = {"norm": Call("LayerNorm", (features if d.chance(0.8) else d.size(1),))} if d.chance(0.4) else {}
        layer = Call("TransformerEncoder", (layer, d.choice([1, 2, 0, 3])), more | norm)
    return Case(layer, (d.tensor(shape(length, features), probability=0.1),), given)


def decoder(d: Draw) -> Case:
    """Draw a decoder layer or a stack of them."""
    heads, keywords = d.choice([1, 2, 2]), settings(d)
    features, length, places = heads * d.choice([2, 3]), d.size(), d.size()
    batch = d.size() if d.chance(0.75) else None
    shape = sequences(batch, batch_first=keywords.get("batch_first", False))
    layer = Call("TransformerDecoderLayer", (features, heads), keywords)
    own = {"tgt_mask": (length, length), "tgt_key_padding_mask": (length, length)}
    other = {"memory_mask": (length, places), "memory_key_padding_mask": (length, places)}
    given = masks(d, heads, batch, **own, **other) | dict.fromkeys(d.flags("tgt_is_causal"), True)
    if d.chance(0.5):
        layer = Call("TransformerDecoder", (layer, d.choice([1, 2, 0, 3])))
    inputs = (d.tensor(shape(length, features), probability=0.1), d.tensor(shape(places, features), probability=0.1))
    return Case(layer, inputs, given)


def transformer(d: Draw) -> Case:
    """Draw a whole transformer."""
    heads, keywords = d.choice([1, 2, 2]), settings(d)
    features, length, places = heads * d.choice([2, 3]), d.size(), d.size()
    batch = d.size() if d.chance(0.75) else None
    shape = sequences(batch, batch_first=keywords.get("batch_first", False))
    keywords |= {"num_encoder_layers": d.choice([1, 2, 0]), "num_decoder_layers": d.choice([1, 1, 0, 2])}
    lengths = {"src_mask": (length, length), "tgt_mask": (places, places), "src_key_padding_mask": (length, length)}
    given = masks(d, heads, batch, **lengths)
    inputs = (d.tensor(shape(length, features), probability=0.1), d.tensor(shape(places, features), probability=0.1))
    return Case(Call("Transformer", (features, heads), keywords), inputs, given)


# --- losses ---


def loss(name: str, inputs: int = 2, **values: tuple[Any, ...]) -> Callable[[Draw], Case]:
    """Draw a loss of inputs that broadcast; `values` are what its arguments may be, "weight" a tensor."""

    def draw(d: Draw) -> Case:
        sizes, keywords = d.sizes(0, 1, 2, 3), d.reduction()
        for argument, choices in values.items():
            if d.chance(0.4):
                keywords[argument] = d.choice(choices) if choices else d.tensor(d.choice([sizes, sizes[1:]]))
        return Case(Call(name, (), keywords), tuple(d.tensor(sizes) for _ in range(inputs)))

    return draw


def cosine(d: Draw) -> Case:
    """Draw a loss of two inputs and one target a row."""
    sizes = d.sizes(1, 2, 2, 3)
    inputs = d.tensor(sizes), d.tensor(sizes), d.tensor(sizes[:-1])
    return Case(Call("CosineEmbeddingLoss", (), d.reduction()), inputs)


def gaussian(d: Draw) -> Case:
    """Draw a loss with a variance: for each element, row or column, or one number."""
    sizes = d.sizes(0, 1, 2, 3)
    wide = d.choice([sizes, sizes[:-1], (*sizes[:-1], 1)])
    var = d.tensor(wide) if d.chance(0.9) else d.choice([1.0, -1.0])
    return Case(Call("GaussianNLLLoss", (), d.reduction() | d.flags("full")), (d.tensor(sizes), d.tensor(sizes), var))


def classes(name: str, *ranks: int, soft: bool = False) -> Callable[[Draw], Case]:
    """Draw a loss of classes; a `soft` one may have a target of probabilities."""

    def draw(d: Draw) -> Case:
        sizes, keywords = d.sizes(*ranks), d.reduction()
        target: Any = (sizes[0], *sizes[2:]) if len(sizes) > 1 else d.choice([(), (1,)])
        if d.chance(0.3):
            keywords["weight"] = d.tensor((*sizes, *sizes)[1:2])
        if soft and d.chance(0.3):
            keywords["label_smoothing"] = d.choice([0.0, 0.1, 1.0, 1.5])
        if soft and d.chance(0.3):
            return Case(Call(name, (), keywords), (d.tensor(sizes), Shape(sizes, d.choice(["float32", "int64"]))))
        return Case(
            Call(name, (), keywords), (d.tensor(sizes), d.tensor(target, "int64" if d.chance(0.95) else "float32"))
        )

    return draw


def labels(d: Draw) -> Case:
    """Draw a loss of several labels a row."""
    sizes = d.sizes(0, 1, 2, 2, 3)
    return Case(Call("MultiLabelMarginLoss", (), d.reduction()), (d.tensor(sizes), d.tensor(sizes, "int64")))


def linear_entropy(d: Draw) -> Case:
    """Draw a Linear with its cross entropy."""
    features, count, more = d.size(1), d.size(), d.sizes(0, 0, 1, 2)
    keywords = d.reduction() | d.flags("bias") | ({"out_features": more} if more else {})
    if d.chance(0.3):
        keywords["weight"] = d.tensor((count,))
    batch = (d.size(),) if d.chance(0.8) else ()
    soft = d.chance(0.2)
    target = d.tensor((*batch, *((count,) if soft else ()), *more), "float32" if soft else "int64")
    return Case(Call("LinearCrossEntropyLoss", (features, count), keywords), (d.tensor((*batch, features)), target))


def ctc(d: Draw) -> Case:
    """Draw a loss of labels along a sequence, with lengths that are written out."""
    steps, count, names, most = d.size(), d.size(), d.size(), d.size()
    batched, length = d.chance(0.7), d.random.randrange(most + 2)
    keywords = d.reduction() | ({"blank": d.choice([0, 1, -1, names])} if d.chance(0.3) else {})
    rows = count if batched else 1
    wide = (count, most) if batched and d.chance(0.6) else (rows * length,)
    lengths = (steps + d.chance(0.05),) * rows, (length,) * (rows - d.chance(0.03))
    probabilities = d.tensor((steps, count, names) if batched else (steps, names))
    return Case(Call("CTCLoss", (), keywords), (probabilities, d.tensor(wide, "int64"), *lengths))


def adaptive(d: Draw) -> Case:
    """Draw an adaptive softmax; its targets are all 0, in the head."""
    features, count = d.choice([4, 8, 16]), d.choice([5, 10, 12])
    cutoffs = tuple(sorted(d.random.sample(range(1, count), d.choice([1, 2, 3]))))
    if d.chance(0.1):
        cutoffs = d.choice([(), (0, 1), (3, 2), (count,)])
    keywords = d.flags("head_bias") | ({"div_value": d.choice([2.0, 1.0, 0.5, 3.0, 2])} if d.chance(0.3) else {})
    batch = (d.size(),) if d.chance(0.7) else ()
    inputs = d.tensor((*batch, features)), d.tensor(batch, "int64")
    return Case(Call("AdaptiveLogSoftmaxWithLoss", (features, count, cutoffs), keywords), inputs)


DISTANCES = (Call("CosineSimilarity"), Call("PairwiseDistance"), Call("L1Loss", (), {"reduction": "none"}))
DRAWS: dict[str, Callable[[Draw], Case]] = {
    **{name: recurrent(name) for name in ("RNN", "LSTM", "GRU")},
    **{name: cell(name) for name in ("RNNCell", "LSTMCell", "GRUCell")},
    "MultiheadAttention": attention,
    "TransformerEncoder": encoder,
    "TransformerDecoder": decoder,
    "Transformer": transformer,
    **{name: loss(name) for name in ("L1Loss", "MSELoss", "SoftMarginLoss")},
    "KLDivLoss": loss("KLDivLoss", log_target=(True, False)),
    "SmoothL1Loss": loss("SmoothL1Loss", beta=(0, 1.0, -1.0)),
    "HuberLoss": loss("HuberLoss", delta=(0, 1.0, -1.0)),
    "HingeEmbeddingLoss": loss("HingeEmbeddingLoss", margin=(0.0, -1.0)),
    "PoissonNLLLoss": loss("PoissonNLLLoss", full=(True, False), log_input=(True, False)),
    "GaussianNLLLoss": gaussian,
    "BCELoss": loss("BCELoss", weight=()),
    "BCEWithLogitsLoss": loss("BCEWithLogitsLoss", weight=(), pos_weight=()),
    "MultiLabelSoftMarginLoss": loss("MultiLabelSoftMarginLoss", weight=()),
    "CosineEmbeddingLoss": cosine,
    "MarginRankingLoss": loss("MarginRankingLoss", 3),
    "TripletMarginLoss": loss("TripletMarginLoss", 3, swap=(True, False), margin=(0, 0.5), p=(1.0, 0.0)),
    "TripletMarginWithDistanceLoss": loss(
        "TripletMarginWithDistanceLoss", 3, swap=(True, False), margin=(0, 0.5), distance_function=DISTANCES
    ),
    "NLLLoss": classes("NLLLoss", 1, 2, 2, 3, 4, 5),
    "CrossEntropyLoss": classes("CrossEntropyLoss", 0, 1, 2, 2, 3, 4, 5, soft=True),
    "MultiMarginLoss": classes("MultiMarginLoss", 1, 2, 2, 3),
    "MultiLabelMarginLoss": labels,
    "LinearCrossEntropyLoss": linear_entropy,
    "CTCLoss": ctc,
    "AdaptiveLogSoftmaxWithLoss": adaptive,
}
"""How a case is drawn, by the name of the layer."""
