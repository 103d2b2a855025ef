"""Drawing: tensors and arguments by chance, right and nearly right, and the table of what each op is called with."""

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
