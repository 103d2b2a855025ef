"""Cases for every op: what each family of ops is called with, right and nearly right."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.strides import dense, strided
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Case = tuple[tuple[Any, ...], dict[str, Any]]
CASES: dict[str, Callable[[Draw], Case]] = {}


def case(names: str) -> Callable[[Callable[[Draw], Case]], Callable[[Draw], Case]]:
    """Say what the ops of these names are called with."""

    def add(build: Callable[[Draw], Case]) -> Callable[[Draw], Case]:
        CASES.update(dict.fromkeys(names.split(), build))
        return build

    return add


class Draw:
    """Draws tensors and arguments."""

    def __init__(self, random: Random) -> None:
        """Take the source of chance."""
        self.random = random

    def chance(self, percent: int) -> bool:
        """Say yes in so many of a hundred cases."""
        return self.random.randrange(100) < percent

    def pick(self, items: Any) -> Any:
        """Pick one."""
        return self.random.choice(list(items))

    def size(self) -> int:
        """Draw a size."""
        return self.pick((0, 1, 1, 2, 2, 3, 3, 4, 5))

    def dtype(self) -> str:
        """Draw a dtype, mostly float32."""
        return self.pick(("float32",) * 8 + ("int64", "bool", "float64", "int64"))

    def tensor(self, low: int = 0, high: int = 4, dtype: str = "") -> Tensor:
        """Draw a tensor, sometimes with its axes in another order in memory."""
        return self.stored(tuple(self.size() for _ in range(self.random.randint(low, high))), dtype or self.dtype())

    def stored(self, shape: tuple[int, ...], dtype: str = "float32") -> Tensor:
        """Put a shape into memory."""
        if len(shape) < 2 or self.chance(70):
            return Tensor(shape, dtype)
        order = list(range(len(shape)))
        self.random.shuffle(order)
        packed = dense(tuple(shape[place] for place in order))
        return strided(shape, dtype, tuple(packed[order.index(place)] for place in range(len(shape))))

    def near(self, x: Tensor, dtype: str = "") -> Tensor:
        """Draw a tensor that broadcasts with another, mostly."""
        shape = [1 if self.chance(25) else size for size in x]
        if self.chance(25):
            shape = shape[self.random.randint(0, len(shape)) :]
        if self.chance(15):
            shape.insert(0, self.size())
        return self.stored(tuple(self.bent(shape)), dtype or self.dtype())

    def bent(self, shape: Any, percent: int = 12) -> list[int]:
        """Change one size now and then."""
        sizes = list(shape)
        if sizes and self.chance(percent):
            sizes[self.random.randrange(len(sizes))] = self.size()
        return sizes

    def dim(self, rank: int) -> int:
        """Draw an axis, sometimes none that there is."""
        return (
            self.random.randint(-rank - 1, rank)
            if self.chance(15)
            else self.random.randint(-rank, max(rank - 1, -rank))
        )

    def dims(self, rank: int) -> Any:
        """Draw several axes, or one."""
        if self.chance(50):
            return self.dim(rank)
        return tuple(self.dim(rank) for _ in range(self.random.randint(0, 3)))

    def number(self) -> Any:
        """Draw a number."""
        return self.pick((1, 2, -1, 1.5, True))

    def count(self) -> int:
        """Draw a count."""
        return self.pick((-1, 0, 1, 1, 2, 2, 3, 4))

    def parts(self, number: int) -> tuple[int, ...]:
        """Draw sizes that multiply up to a number, mostly, one of them -1 perhaps."""
        sizes = []
        for divisor in (2, 3, 5, 4):
            if number and number % divisor == 0 and self.chance(60):
                sizes.append(divisor)
                number //= divisor
        sizes.append(number)
        self.random.shuffle(sizes)
        if self.chance(40):
            sizes[self.random.randrange(len(sizes))] = -1
        return tuple(self.bent(sizes))


def flags(draw: Draw, *names: str) -> dict[str, Any]:
    """Draw some of several flags."""
    return {name: draw.chance(50) for name in names if draw.chance(40)}


def dtypes(draw: Draw) -> dict[str, Any]:
    """Draw a dtype argument now and then."""
    from convshape.dtypes import Dtype

    return {"dtype": Dtype(draw.pick(("float32", "float64", "int64")))} if draw.chance(20) else {}


# --- pointwise ---


@case("""sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
    sigmoid erf erfc erfinv reciprocal sinc lgamma digamma deg2rad rad2deg logit sign abs absolute floor ceil
    round trunc square logical_not isnan isinf isfinite signbit isneginf isposinf neg negative positive
    bitwise_not nan_to_num detach ravel t contiguous clone relu hardshrink size stride dim ndimension numel
    nelement is_contiguous is_floating_point is_complex T mT shape ndim dtype atleast_1d atleast_2d sgn""")
def one(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(),), {}


@case("""relu6 elu celu selu silu mish hardswish hardsigmoid gelu softshrink softplus logsigmoid tanhshrink softsign
    leaky_relu hardtanh rrelu""")
def activation(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(),), {}


@case("invert Tensor.float Tensor.double Tensor.half Tensor.bfloat16 Tensor.long Tensor.int Tensor.short Tensor.bool "
      "char byte requires_grad_ data cpu")  # fmt: skip
def plain(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(dtype="float32" if draw.chance(70) else "int64"),), {}


@case("""add sub subtract mul multiply floor_divide remainder fmod bitwise_and bitwise_or bitwise_xor div divide
    true_divide eq ne lt le gt ge not_equal less less_equal greater greater_equal""")
def two(draw: Draw) -> Case:
    """Two tensors, or a tensor and a number."""
    x = draw.tensor()
    return (x, draw.number() if draw.chance(20) else draw.near(x)), {}


@case("maximum minimum fmax fmin atan2 arctan2 logical_and logical_or logical_xor isclose")
def pair(draw: Draw) -> Case:
    """Two tensors."""
    x = draw.tensor()
    return (x, draw.near(x, x.dtype)), {}


@case("pow")
def power(draw: Draw) -> Case:
    """A tensor and an exponent."""
    x = draw.tensor()
    return (x, draw.number() if draw.chance(50) else draw.near(x)), {}


@case("clamp clip")
def clamp(draw: Draw) -> Case:
    """Bounds, or none."""
    x = draw.tensor()
    if draw.chance(30):
        return (x,), {name: draw.near(x, x.dtype) for name in ("min", "max") if draw.chance(70)}
    return (x,), {name: draw.number() for name in ("min", "max") if draw.chance(70)}


@case("clamp_min clamp_max")
def bound(draw: Draw) -> Case:
    """One bound."""
    x = draw.tensor()
    return (x, draw.pick((1, 1.5))), {}


@case("where")
def where(draw: Draw) -> Case:
    """A condition and two operands."""
    x = draw.tensor()
    return (draw.near(x, "bool" if draw.chance(85) else ""), x, draw.number() if draw.chance(30) else draw.near(x)), {}


@case("Tensor.where")
def where_method(draw: Draw) -> Case:
    """A condition and another operand."""
    x = draw.tensor()
    return (x, draw.near(x, "bool"), draw.near(x)), {}


@case("masked_fill")
def masked_fill(draw: Draw) -> Case:
    """A mask and a number."""
    x = draw.tensor()
    return (x, draw.near(x, "bool" if draw.chance(85) else ""), 1), {}


@case("lerp")
def lerp(draw: Draw) -> Case:
    """Two ends."""
    x = draw.tensor(dtype="float32")
    return (x, draw.near(x, "float32" if draw.chance(80) else ""), 0.5), {}


@case("addcmul addcdiv")
def addcmul(draw: Draw) -> Case:
    """Three tensors."""
    x = draw.tensor(dtype="float32")
    return (x, draw.near(x, "float32"), draw.near(x, "float32")), {}


# --- views ---


@case("view reshape")
def view(draw: Draw) -> Case:
    """Sizes, one by one in the method."""
    x = draw.tensor()
    count = 1
    for size in x:
        count *= size
    sizes = draw.parts(count)
    return (x, sizes), {}


@case("view_as reshape_as")
def view_as(draw: Draw) -> Case:
    """A tensor of another shape."""
    (x, sizes), _ = view(draw)
    return (x, Tensor(abs(size) for size in sizes)), {}


@case("flatten")
def flatten(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor()
    return (x, *(draw.dim(len(x)) for _ in range(draw.random.randint(0, 2)))), {}


@case("unflatten")
def unflatten(draw: Draw) -> Case:
    """An axis and its sizes."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    length = x[dim] if -len(x) <= dim < len(x) else 4
    return (x, dim, draw.parts(length)), {}


@case("permute")
def permute(draw: Draw) -> Case:
    """Axes in an order."""
    x = draw.tensor()
    order = list(range(len(x)))
    draw.random.shuffle(order)
    dims = [place - len(x) if draw.chance(20) else place for place in order]
    return (x, tuple(draw.bent(dims, 10))), {}


@case("transpose swapaxes swapdims")
def transpose(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor()
    return (x, draw.dim(len(x)), draw.dim(len(x))), {}


@case("movedim moveaxis")
def movedim(draw: Draw) -> Case:
    """Axes and where they go."""
    x = draw.tensor(1)
    if draw.chance(50):
        return (x, draw.dim(len(x)), draw.dim(len(x))), {}
    return (x, *(tuple(draw.dim(len(x)) for _ in range(2)) for _ in range(2))), {}


@case("squeeze")
def squeeze(draw: Draw) -> Case:
    """An axis, several, or none."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(70) else ())), {}


@case("unsqueeze")
def unsqueeze(draw: Draw) -> Case:
    """A place for an axis."""
    x = draw.tensor()
    return (x, draw.dim(len(x) + 1)), {}


@case("expand broadcast_to")
def expand(draw: Draw) -> Case:
    """Sizes."""
    x = draw.tensor()
    sizes = [draw.size() if size == 1 else draw.pick((size, -1)) for size in x]
    extra = [draw.size() for _ in range(draw.random.randint(0, 2))]
    return (x, tuple(draw.bent([*extra, *sizes]))), {}


@case("expand_as")
def expand_as(draw: Draw) -> Case:
    """A larger tensor."""
    y = draw.tensor()
    return (draw.near(y), y), {}


@case("to type type_as")
def to(draw: Draw) -> Case:
    """A dtype."""
    from convshape.dtypes import Dtype

    return (draw.tensor(), Dtype(draw.dtype())), {}


CASES["type_as"] = lambda draw: ((draw.tensor(), draw.tensor()), {})


# --- indices ---


def index(draw: Draw, size: int) -> Any:  # noqa: PLR0911  # one for each kind
    """Draw one index of an axis."""
    kind = draw.random.randrange(10)
    if kind < 3:
        ends = [draw.random.randint(-size - 1, size + 1) if draw.chance(50) else None for _ in range(2)]
        return slice(*ends, draw.pick((None, None, 1, 2, 3, 0, -1)) if draw.chance(30) else None)
    if kind < 5:
        return (
            draw.random.randint(-size - 1, size) if draw.chance(10) or not size else draw.random.randrange(-size, size)
        )
    if kind == 5:
        return None
    if kind == 6:
        return Ellipsis
    if kind == 7:
        return [draw.random.randrange(size) for _ in range(draw.pick((1, 2, 2, 3)))] if size else [0]
    if kind == 8:
        return draw.stored(tuple(draw.pick((1, 2, 2, 3)) for _ in range(draw.random.randint(0, 2))), "int64")
    return [draw.chance(50) for _ in range(size)] if size else slice(None)


def indices(draw: Draw, x: Tensor) -> Any:
    """Draw an index of a tensor."""
    found = tuple(index(draw, size) for size in x[: draw.random.randint(0, len(x))])
    if found.count(Ellipsis) > 1:  # torch takes several, with a mask it goes wrong
        found = tuple(one for one in found if one is not Ellipsis)
    if draw.chance(5):
        found = (*found, 0, 0)
    return found[0] if len(found) == 1 and draw.chance(50) else found


@case("getitem")
def getitem(draw: Draw) -> Case:
    """A tensor and an index."""
    x = draw.tensor(0, 4)
    return (x, indices(draw, x)), {}


@case("setitem")
def setitem(draw: Draw) -> Case:
    """A tensor, an index and what is assigned."""
    x = draw.tensor(1, 3, "float32")
    return (x, indices(draw, x), 1.5 if draw.chance(40) else draw.near(x, "float32")), {}


@case("select")
def select(draw: Draw) -> Case:
    """An axis and a place."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), draw.random.randint(-4, 4)), {}


@case("narrow")
def narrow(draw: Draw) -> Case:
    """An axis, a start and a length."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), draw.random.randint(-3, 4), draw.count()), {}


@case("gather")
def gather(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    return (x, dim, draw.stored(tuple(draw.bent([min(size, 2) for size in x])), "int64")), {}


@case("index_select")
def index_select(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), Tensor(draw.pick(((2,), (0,), (1,), (2, 2))), "int64")), {}


@case("scatter scatter_add")
def scatter(draw: Draw) -> Case:
    """An axis, indices and what goes there."""
    x = draw.tensor(1, dtype="float32")
    shape = tuple(draw.bent(min(size, 2) for size in x))
    return (x, draw.dim(len(x)), Tensor(shape, "int64"), Tensor(draw.bent(shape))), {}


@case("take")
def take(draw: Draw) -> Case:
    """Indices."""
    return (Tensor((2, 3)), draw.tensor(dtype="int64")), {}


@case("take_along_dim")
def take_along_dim(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    return (x, draw.near(x, "int64"), draw.dim(len(x))), {}


@case("one_hot")
def one_hot(draw: Draw) -> Case:
    """Indices and how many there are."""
    return (draw.tensor(dtype="int64" if draw.chance(80) else ""), draw.pick((1, 2, 5, 0, -2))), {}


@case("index_fill")
def index_fill(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.stored((3, 2, 4))
    return (x, draw.dim(3), Tensor((2,), "int64"), 1), {}


# --- join and cut ---


@case("cat concat concatenate")
def cat(draw: Draw) -> Case:
    """Tensors and an axis."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    parts = [x]
    for _ in range(draw.random.randint(0, 2)):
        shape = draw.bent(x)
        if -len(x) <= dim < len(x) and draw.chance(60):
            shape[dim] = draw.size()
        parts.append(draw.stored(tuple(shape if draw.chance(90) else shape[1:]), draw.dtype()))
    return (parts, dim) if draw.chance(95) else ([], 0), {}


@case("stack")
def stack(draw: Draw) -> Case:
    """Tensors and a place for an axis."""
    x = draw.tensor()
    return ([x, *(draw.stored(tuple(draw.bent(x)), draw.dtype()) for _ in range(2))], draw.dim(len(x) + 1)), {}


@case("hstack vstack row_stack")
def hstack(draw: Draw) -> Case:
    """Tensors."""
    x = draw.tensor()
    return ([x, draw.stored(tuple(draw.bent(x)))],), {}


@case("meshgrid")
def meshgrid(draw: Draw) -> Case:
    """Coordinates."""
    tensors = [draw.tensor(0, 1, "float32") for _ in range(draw.random.randint(1, 3))]
    return (tensors,), {"indexing": draw.pick(("ij", "xy", "ab"))} if draw.chance(90) else {"indexing": "ij"}


@case("split")
def split(draw: Draw) -> Case:
    """A size or several, and an axis."""
    x = draw.tensor(1)
    return (
        x,
        draw.count() if draw.chance(60) else draw.bent([1, 2, 0][: draw.random.randint(1, 3)]),
        draw.dim(len(x)),
    ), {}


@case("chunk")
def chunk(draw: Draw) -> Case:
    """How many, and an axis."""
    x = draw.tensor()
    return (x, draw.count(), draw.dim(len(x))), {}


@case("tensor_split")
def tensor_split(draw: Draw) -> Case:
    """How many or where, and an axis."""
    x = draw.tensor()
    return (x, draw.count() if draw.chance(60) else (1, draw.count()), draw.dim(len(x))), {}


@case("unbind")
def unbind(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return (x, draw.dim(len(x))), {}


# --- reduce ---


@case("sum nansum mean nanmean")
def total(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(80) else ())), {**flags(draw, "keepdim"), **dtypes(draw)}


@case("prod")
def product(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return ((x, draw.dim(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("all any count_nonzero logsumexp amax amin")
def along(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, draw.dims(len(x))), {}


CASES["logsumexp"] = lambda draw: ((x := draw.tensor(), draw.dims(len(x)) or 0), flags(draw, "keepdim"))
CASES["amax"] = CASES["amin"] = CASES["logsumexp"]


@case("var std var_mean std_mean")
def var(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(80) else ())), flags(draw, "keepdim")


@case("max min median argmax argmin")
def largest(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return ((x, draw.dim(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("topk")
def topk(draw: Draw) -> Case:
    """How many, and an axis."""
    x = draw.tensor(dtype="float32")
    return (x, draw.count(), draw.dim(len(x))), {}


@case("sort argsort cumsum cumprod cummax cummin diff softmax log_softmax softmin glu fftshift ifftshift")
def single(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor(dtype="" if draw.chance(30) else "float32")
    return (x,), {"dim": draw.dim(len(x))}


@case("norm")
def norm(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return ((x, 2, draw.dims(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("vector_norm")
def vector_norm(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, 2, draw.dims(len(x))), flags(draw, "keepdim")


@case("normalize")
def normalize(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, 2.0, draw.dim(len(x))), {}


@case("cosine_similarity")
def cosine(draw: Draw) -> Case:
    """Two tensors and an axis."""
    x = draw.tensor(1, dtype="float32")
    return (x, draw.near(x, "float32"), draw.dim(len(x))), {}


# --- products ---


@case("matmul")
def matmul(draw: Draw) -> Case:
    """Two factors."""
    x = draw.tensor(0, 4, draw.pick(("float32",) * 6 + ("int64", "float64")))
    inner = x[-1] if x else 2
    y: list[int] = [inner] if draw.chance(20) else [*draw.bent(x[:-2]), inner, draw.size()]
    if draw.chance(20):
        y = y[-2:]
    return (x, draw.stored(tuple(draw.bent(y)), x.dtype if draw.chance(92) else "float32")), {}


@case("mm")
def mm(draw: Draw) -> Case:
    """Two matrices."""
    x = draw.tensor(2 if draw.chance(90) else 1, 2, "float32")
    return (x, draw.stored(tuple(draw.bent((x[-1], draw.size()))), "float32" if draw.chance(90) else "float64")), {}


@case("bmm")
def bmm(draw: Draw) -> Case:
    """Two batches of matrices."""
    x = draw.tensor(3 if draw.chance(90) else 2, 3, "float32")
    return (x, draw.stored(tuple(draw.bent((x[0], x[-1], draw.size()))), "float32" if draw.chance(90) else "int64")), {}


@case("mv")
def mv(draw: Draw) -> Case:
    """A matrix and a vector."""
    x = draw.tensor(2, 2, "float32")
    return (x, draw.stored(tuple(draw.bent((x[-1],), 25)))), {}


@case("dot")
def dot(draw: Draw) -> Case:
    """Two vectors."""
    x = draw.tensor(1, 1, "float32")
    return (x, draw.stored(tuple(draw.bent(x, 30)), "float32" if draw.chance(85) else "int64")), {}


@case("outer ger")
def outer(draw: Draw) -> Case:
    """Two vectors."""
    return (draw.tensor(1, 1), draw.tensor(1, 1 if draw.chance(85) else 2)), {}


@case("addmm")
def addmm(draw: Draw) -> Case:
    """A tensor and two matrices."""
    x = draw.tensor(2, 2, "float32")
    y = draw.stored(tuple(draw.bent((x[-1], draw.size()))))
    return (draw.near(Tensor((x[0], y[1])), "float32"), x, y), {}


@case("baddbmm")
def baddbmm(draw: Draw) -> Case:
    """A tensor and two batches of matrices."""
    x = draw.tensor(3, 3, "float32")
    y = draw.stored(tuple(draw.bent((x[0], x[-1], draw.size()))))
    return (draw.near(Tensor((x[0], x[1], y[2])), "float32"), x, y), {}


EQUATIONS = (
    "ij,jk->ik", "bij,bjk->bik", "ij->ji", "ij", "ij,jk", "i,j->ij", "...ij,...jk->...ik", "bhid,bhjd->bhij", "ii->i",
    "ij,ij->", "ij->", "abc,cd->abd", "ij,jk->ix", "ij->ii", "b...,b...->b", "i j , j k -> i k", "i1,j", "ijk,ik->ij",
)  # fmt: skip


@case("einsum")
def einsum(draw: Draw) -> Case:
    """An equation and its tensors."""
    equation = draw.pick(EQUATIONS)
    sizes = {letter: draw.size() for letter in "abcdhijk1"}
    dots = [draw.size() for _ in range(draw.random.randint(0, 2))]
    operands = []
    for term in equation.split("->")[0].replace(" ", "").split(","):
        before, ellipsis, after = term.partition("...")
        shape = [*(sizes[one] for one in before), *(dots if ellipsis else ()), *(sizes[one] for one in after)]
        operands.append(draw.stored(tuple(draw.bent(shape))))
    if draw.chance(5):
        operands.append(draw.tensor(dtype="float32"))
    return (equation, *operands), {}


@case("scaled_dot_product_attention")
def attention(draw: Draw) -> Case:
    """Query, key and value."""
    batch = [draw.pick((1, 2, 3)) for _ in range(draw.random.randint(0, 2))]
    embed = draw.pick((1, 2, 4))
    query = draw.stored((*batch, draw.pick((1, 2, 5)), embed))
    rows = draw.pick((1, 2, 6))
    key = Tensor(size or 1 for size in draw.bent((*batch, rows, embed), 8))
    value = Tensor((*key[:-1], draw.pick((1, 2, 4))))  # torch's fused kernel reads past values that are too few
    mask = (
        {"attn_mask": Tensor((size or 1 for size in draw.bent((query[-2], rows))), draw.pick(("bool", "float32")))}
        if draw.chance(30)
        else {}
    )
    return (query, key, value), mask


# --- make ---


@case("zeros ones empty rand randn")
def filled(draw: Draw) -> Case:
    """A shape."""
    return (tuple(draw.count() for _ in range(draw.random.randint(0, 3))),), dtypes(draw)


CASES["rand"] = CASES["randn"] = lambda draw: ((tuple(draw.count() for _ in range(3)),), {})


@case("full")
def full(draw: Draw) -> Case:
    """A shape and a number."""
    return (tuple(draw.count() for _ in range(draw.random.randint(0, 3))), draw.number()), dtypes(draw)


@case("randint")
def randint(draw: Draw) -> Case:
    """A range and a shape."""
    return (0, 5, tuple(draw.count() for _ in range(2))), {}


@case("randperm")
def randperm(draw: Draw) -> Case:
    """How many."""
    return (abs(draw.count()),), {}


@case("eye")
def eye(draw: Draw) -> Case:
    """Rows and columns."""
    return tuple(draw.count() for _ in range(draw.random.randint(1, 2))), dtypes(draw)


@case("arange")
def arange(draw: Draw) -> Case:
    """From, to, by."""
    numbers = (0, 1, 2, 5, -3, 7, 2.5, 0.5)
    return tuple(draw.pick(numbers) for _ in range(draw.random.randint(1, 3))), dtypes(draw)


@case("linspace logspace")
def linspace(draw: Draw) -> Case:
    """From, to, how many."""
    return (0, 1.5, draw.count()), {}


@case("tensor")
def tensor(draw: Draw) -> Case:
    """Numbers written out."""
    return (draw.pick((1, 1.5, True, [1, 2], [[1.0, 2], [3, 4]], [], [[True], [False]])),), dtypes(draw)


@case("zeros_like ones_like empty_like rand_like randn_like")
def like(draw: Draw) -> Case:
    """A tensor to be like."""
    return (draw.tensor(),), dtypes(draw)


@case("full_like")
def full_like(draw: Draw) -> Case:
    """A tensor to be like, and a number."""
    return (draw.tensor(), 1), {}


@case("new_zeros new_ones new_empty")
def new(draw: Draw) -> Case:
    """A tensor to be like, and a shape."""
    return (draw.tensor(), tuple(draw.count() for _ in range(2))), dtypes(draw)


@case("new_full")
def new_full(draw: Draw) -> Case:
    """A tensor to be like, a shape and a number."""
    return (draw.tensor(), (2, abs(draw.count())), 1), {}


@case("new_tensor")
def new_tensor(draw: Draw) -> Case:
    """A tensor to be like, and numbers."""
    return (draw.tensor(), [1, 2]), {}


# --- arrange ---


@case("repeat tile")
def repeat(draw: Draw) -> Case:
    """How often along each axis."""
    x = draw.tensor()
    return (x, tuple(draw.count() for _ in range(max(0, len(x) + draw.random.randint(-1, 1))))), {}


@case("repeat_interleave")
def repeat_interleave(draw: Draw) -> Case:
    """How often, and an axis."""
    x = draw.tensor()
    return (x, draw.count(), *((draw.dim(len(x)),) if draw.chance(70) else ())), {}


@case("flip")
def flip(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, tuple(draw.dim(len(x)) for _ in range(draw.random.randint(0, 2)))), {}


@case("roll")
def roll(draw: Draw) -> Case:
    """Shifts and axes."""
    x = draw.tensor(1)
    return (x, draw.pick((1, (1, 2), ())), *((draw.dims(len(x)),) if draw.chance(70) else ())), {}


@case("rot90")
def rot90(draw: Draw) -> Case:
    """How often, and two axes."""
    return (draw.tensor(2), draw.count(), (0, 1)), {}


@case("Tensor.unfold")
def unfold(draw: Draw) -> Case:
    """An axis, a window and a step."""
    x = draw.tensor()
    return (x, draw.dim(len(x)), draw.count(), draw.count()), {}


@case("tril triu")
def tril(draw: Draw) -> Case:
    """A diagonal."""
    return (draw.tensor(), draw.count()), {}


@case("diagonal")
def diagonal(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor(2)
    return (x, draw.pick((0, 1, -1)), draw.dim(len(x)), draw.dim(len(x))), {}


@case("diag_embed")
def diag_embed(draw: Draw) -> Case:
    """A tensor."""
    return (draw.tensor(1), draw.pick((0, 1, -1))), {}


@case("fliplr flipud")
def fliplr(draw: Draw) -> Case:
    """An image."""
    return (draw.tensor(2),), {}


# --- spectra ---


@case("rfft irfft fft ifft")
def fft(draw: Draw) -> Case:
    """How many points, and an axis."""
    x = draw.tensor(1)
    return (x, draw.pick((None, 4, 5, 1, 0)), draw.dim(len(x))), {}


@case("rfft2 irfft2 fft2 ifft2")
def fft2(draw: Draw) -> Case:
    """An image."""
    return (draw.tensor(2),), {}


@case("stft")
def stft(draw: Draw) -> Case:
    """Windows."""
    x = draw.stored(tuple(draw.pick((1, 2, 20, 33)) for _ in range(draw.pick((1, 1, 2, 2, 3)))))
    keywords: dict[str, Any] = {"return_complex": draw.chance(80), "center": draw.chance(50)}
    keywords |= {
        name: value for name, value in (("hop_length", draw.pick((1, 3, 0))), ("win_length", 5)) if draw.chance(40)
    }
    return (x, draw.pick((8, 5, 16))), keywords


# --- functions that follow a layer ---


@case("max_pool1d avg_pool1d lp_pool1d adaptive_avg_pool1d adaptive_max_pool1d")
def pool1d(draw: Draw) -> Case:
    """Sequences and a window."""
    return (draw.stored((2, 3, draw.pick((1, 4, 7)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3))), {}


@case("max_pool2d avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d")
def pool2d(draw: Draw) -> Case:
    """Images and a window."""
    return (draw.stored((2, 3, 5, draw.pick((1, 4, 7)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3, (2, 1)))), {}


@case("max_pool3d avg_pool3d adaptive_avg_pool3d adaptive_max_pool3d")
def pool3d(draw: Draw) -> Case:
    """Volumes and a window."""
    return (Tensor((2, 3, 5, 4, draw.pick((1, 4)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3))), {}


@case("lp_pool1d lp_pool2d lp_pool3d")
def lp_pool(draw: Draw) -> Case:
    """A norm and a window."""
    return (draw.tensor(3, 5, "float32"), 2.0, draw.pick((1, 2))), {}


@case("dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout")
def dropout(draw: Draw) -> Case:
    """A probability."""
    return (draw.tensor(3, 3, "float32"), draw.pick((0.5, 0.1, 2))), {}


@case("threshold")
def threshold(draw: Draw) -> Case:
    """A threshold and a value."""
    return (draw.tensor(), 1, 2), {}


@case("unfold")
def columns(draw: Draw) -> Case:
    """An image and a window."""
    return (Tensor((2, 3, draw.pick((1, 4)), 5)), draw.pick((1, 2, (2, 3)))), {}


@case("fold")
def fold(draw: Draw) -> Case:
    """Columns and an image."""
    return (Tensor((2, draw.pick((12, 7)), draw.pick((9, 8)))), (4, 4), (2, 2)), {}


@case("pixel_shuffle pixel_unshuffle channel_shuffle")
def shuffle(draw: Draw) -> Case:
    """A factor."""
    return (draw.stored((2, draw.pick((8, 9, 4)), 4, draw.pick((4, 6)))), draw.pick((1, 2, 3))), {}


@case("local_response_norm")
def response(draw: Draw) -> Case:
    """A size."""
    return (draw.tensor(2, 4, "float32"), 2), {}


@case("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d")
def conv(draw: Draw, axes: int = 2) -> Case:
    """An image and kernels."""
    channels = draw.pick((1, 2, 4))
    weight = (4, channels, *(draw.pick((1, 2, 3)) for _ in range(axes)))
    x = (2, channels, *(draw.pick((3, 4, 6)) for _ in range(axes)))[draw.random.randrange(2) :]
    keywords = {"stride": draw.pick((1, 2)), "padding": draw.pick((0, 1))}
    return (Tensor(draw.bent(x, 10)), Tensor(weight)), {
        key: value for key, value in keywords.items() if draw.chance(50)
    }


def transposed(draw: Draw, axes: int) -> Case:
    """An image and kernels."""
    (x, weight), keywords = conv(draw, axes)
    return (x, Tensor((weight[1], weight[0], *weight[2:]))), keywords


for number in (1, 2, 3):
    CASES[f"conv{number}d"] = lambda draw, axes=number: conv(draw, axes)
    CASES[f"conv_transpose{number}d"] = lambda draw, axes=number: transposed(draw, axes)


@case("linear")
def linear(draw: Draw) -> Case:
    """Rows, a matrix and a bias."""
    x = draw.tensor(1, 4, "float32")
    weight = Tensor(draw.bent((draw.pick((1, 2, 3)), x[-1])))
    return (x, weight, *((Tensor((draw.pick((weight[0], weight[0], 4)),)),) if draw.chance(40) else ())), {}


@case("layer_norm rms_norm")
def layer_norm(draw: Draw) -> Case:
    """The last axes."""
    x = draw.tensor(1, 4, "float32")
    sizes = tuple(draw.bent(x[-draw.random.randint(1, 2) :]))
    return (x, sizes, *((Tensor(draw.bent(sizes)),) if draw.chance(30) else ())), {}


@case("group_norm")
def group_norm(draw: Draw) -> Case:
    """Groups of channels."""
    return (draw.stored((2, draw.pick((4, 6)), 3)), draw.pick((1, 2, 3, 4))), {}


@case("batch_norm")
def batch_norm(draw: Draw) -> Case:
    """Statistics of channels."""
    x = draw.tensor(2, 4, "float32")
    stored = Tensor((draw.pick((x[1], x[1], 4)),))
    return (x, stored, stored), flags(draw, "training")


@case("interpolate")
def interpolate(draw: Draw) -> Case:
    """A size or a scale."""
    x = draw.tensor(3, 5, "float32")
    return (x,), draw.pick(
        ({"size": 4}, {"scale_factor": 2}, {"scale_factor": 1.5}, {}, {"size": 3, "scale_factor": 2})
    )


@case("embedding")
def embedding(draw: Draw) -> Case:
    """Indices and rows."""
    return (draw.tensor(dtype="int64"), Tensor((5, draw.size()))), {}


@case("prelu")
def prelu(draw: Draw) -> Case:
    """Slopes."""
    x = draw.tensor(1, dtype="float32")
    return (x, Tensor((draw.pick((1, x[1] if len(x) > 1 else 1, 3)),))), {}


@case("pad")
def pad(draw: Draw) -> Case:
    """Amounts for the last axes."""
    x = draw.tensor(1, dtype="float32")
    amounts = tuple(draw.pick((0, 1, 2, -1)) for _ in range(draw.pick((2, 2, 4, 3))))
    return (x, amounts), {"mode": draw.pick(("constant", "constant", "reflect", "replicate", "circular"))}


@case("gumbel_softmax")
def gumbel(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor(1, dtype="float32")
    return (x,), {"dim": draw.dim(len(x))}


# --- dtypes ---


@case("promote_types can_cast")
def promote(draw: Draw) -> Case:
    """Two dtypes."""
    from convshape.dtypes import SCALARS, Dtype

    return (Dtype(draw.pick(SCALARS)), Dtype(draw.pick(SCALARS))), {}


@case("result_type")
def result_type(draw: Draw) -> Case:
    """Two operands."""
    return (draw.tensor(), draw.number() if draw.chance(40) else draw.tensor()), {}


SKIPPED = {
    "device": "a static tensor is on no device",
    "requires_grad": "a static tensor has no gradients",
    "cuda": "there is no such device here",
    "len": "Python's",
    "int": "Python's",
    "float": "Python's",
    "bool": "Python's",
    "masked_select": "depends on the numbers",
    "nonzero": "depends on the numbers",
    "argwhere": "depends on the numbers",
    "unique": "depends on the numbers",
    "fill_": "only keeps its input",
    "zero_": "only keeps its input",
    "uniform_": "only keeps its input",
    "normal_": "only keeps its input",
    "copy_": "only keeps its input",
}
"""The ops without a case, and why."""
