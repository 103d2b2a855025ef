"""A grammar of descriptions: it writes networks in every dialect, wrong in as many places as chance has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape import layers, ops
from convshape.kinds import REQUIRED

if TYPE_CHECKING:
    from random import Random

LAYERS = sorted(layers.FAMILY)
FUNCTIONS = sorted({name.removeprefix("Tensor.") for name in ops.FAMILY})
PLAIN = ("ReLU()", "Flatten()", "Linear(_, 10)", "Conv1d(_, 4, 3)", "Conv2d(3, 8, 3, padding=1)", "MaxPool2d(2)",
         "BatchNorm1d(_)", "Dropout(0.5)", "LSTM(8, 16)", "AdaptiveAvgPool1d(1)")  # fmt: skip
SIZES = ("0", "1", "2", "3", "5", "16", "-1", "N", "L", "c", "_", "2 * c", "c // 2", "x.size(0)", "x.shape[1]", "10**9")
VALUES = ("True", "False", "None", "'same'", "'zeros'", "1.5", "(1, 2)", "[3, 3]", "()", "1e-5", "'sum'", "torch.int64",
          "float('inf')", "ReLU()", "...", "slice(None)", "{}", "-0.0", "(1, (2, 3))", "((1, 2), 3)")  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "//", "%", "@", "**", "==", "<", ">=", "&", "|")
NAMES = ("x", "stem", "q", "skip", "input", "c", "N", "unit", "é", "_1", "layer", "F", "torch")


class Grammar:
    """Writes by chance; `fuel` bounds how deep."""

    def __init__(self, random: Random) -> None:
        """Take the chance."""
        self.random = random
        self.pick = random.choice
        self.fuel = 40

    def write(self, dialect: str) -> str:
        """Write a description of a dialect."""
        if dialect == "any":
            dialect = self.pick(("yaml", "inline", "printed", "module"))
        text: str = getattr(self, dialect)()
        return text

    def several(self, most: int = 4) -> range:
        """Say how many."""
        return range(self.random.randint(1, most))

    def chance(self, share: float) -> bool:
        """Decide."""
        return self.random.random() < share

    def burn(self) -> bool:
        """Tell whether one may go deeper."""
        self.fuel -= 1
        return self.fuel > 0

    # --- expressions ---

    def number(self) -> str:
        """Write a number or a size."""
        if self.chance(0.6):
            return str(self.pick((0, 1, 1, 2, 3, 3, 4, 5, 8, 16, 20)))
        return self.pick(SIZES)

    def value(self) -> str:
        """Write an argument."""
        if self.chance(0.7):
            return self.number()
        return self.pick(VALUES) if self.chance(0.7) else self.expression()

    def layer(self) -> str:
        """Write a layer: an ordinary one, or any with arguments that more or less fit."""
        if self.chance(0.3):
            return self.pick(PLAIN)
        name = self.pick(LAYERS)
        kind = layers.find(name)
        assert kind is not None
        parts = []
        for field in kind.fields.values():
            if field.default is REQUIRED and self.chance(0.98):
                parts.append(self.value() if self.chance(0.8) else f"{field.name}={self.value()}")
            elif self.chance(0.2):
                parts.append(f"{field.name}={self.value()}")
        return f"{self.pick(('', '', 'nn.', 'torch.nn.'))}{name}({', '.join(parts)})"

    def expression(self) -> str:
        """Write an expression of forward."""
        if not self.burn():
            return "x"
        forms = (self.method, self.method, self.function, self.operation, self.subscript, self.applied)
        return self.pick(forms)() if self.chance(0.8) else self.pick(NAMES)

    def arguments(self) -> str:
        """Write the arguments of a function."""
        parts = [self.value() for _ in range(self.pick((0, 0, 1, 1, 2, 3)))]
        if self.chance(0.3):
            word = self.pick(("dim", "keepdim", "size", "dtype", "bias", "p", "input"))
            parts.append(f"{word}={self.value()}")
        return ", ".join(parts)

    def method(self) -> str:
        """Write x.flatten(1)."""
        inner = "x" if self.chance(0.7) else self.expression()
        return f"{inner}.{self.pick(FUNCTIONS)}" + ("" if self.chance(0.05) else f"({self.arguments()})")

    def function(self) -> str:
        """Write torch.cat([x, x], 1)."""
        first = f"[{self.expression()}, {self.expression()}]" if self.chance(0.2) else self.expression()
        rest = self.arguments()
        return f"{self.pick(('F.', 'torch.', ''))}{self.pick(FUNCTIONS)}({first}{', ' + rest if rest else ''})"

    def operation(self) -> str:
        """Write x + y."""
        return f"({self.expression()} {self.pick(OPERATORS)} {self.pick((self.expression, self.value))()})"

    def subscript(self) -> str:
        """Write x[:, -1]."""
        parts = (
            ":",
            "0",
            "-1",
            "1:",
            "::2",
            "None",
            "...",
            "0:3",
            self.number(),
            "x",
            f"{self.number()}:{self.number()}",
        )
        return f"{self.expression()}[{', '.join(self.pick(parts) for _ in self.several(3))}]"

    def applied(self) -> str:
        """Write Conv1d(1, 2, 4)(stem)."""
        return f"{self.layer()}({', '.join(self.expression() for _ in self.several(3))})"

    def line(self) -> str:
        """Write a line."""
        return self.layer() if self.chance(0.6) else self.expression()

    # --- dialects ---

    def inline(self) -> str:
        """Write a network as code."""
        if self.chance(0.2):
            return self.sequential()
        joint = self.pick((" -> ", "\n", "; ", " | "))
        given = (f"{self.pick(('', '', 'a = ', 'self.b = ', 'x = ', 'y, z = '))}{self.line()}" for _ in self.several(6))
        return joint.join(given)

    def sequential(self) -> str:
        """Write nn.Sequential(...)."""
        if not self.burn():
            return "nn.ReLU()"
        parts = [self.sequential() if self.chance(0.2) else self.layer() for _ in self.several()]
        if self.chance(0.3):
            pairs = ", ".join(f"('{self.pick(NAMES)}', {part})" for part in parts)
            return f"nn.Sequential(OrderedDict([{pairs}]))"
        return f"nn.Sequential({', '.join(parts)})"

    def module(self) -> str:
        """Write classes."""
        return "\n".join(
            self.one_class(name) for name in self.random.sample(("A", "Net", "Block"), len(self.several(2)))
        )

    def one_class(self, name: str) -> str:
        """Write a class with both methods."""
        made = [f"        self.{self.pick(('a', 'b', 'c'))} = {self.line()}" for _ in self.several()]
        forms = (
            "x = self.a(x)",
            "y = self.b(x)",
            "x = x + y",
            f"x = {self.expression()}",
            "print(x.shape)",
            "n = x.size(0)",
        )
        steps = [f"        {self.pick(forms)}" for _ in self.several(5)]
        head = f"class {name}(nn.Module):\n    def __init__(self, {self.pick(('c', 'c=3', 'c=3, k=4'))}):\n"
        body = "        super().__init__()\n" + "\n".join(made)
        return f"{head}{body}\n\n    def forward(self, x):\n" + "\n".join(steps) + "\n        return x\n"

    def printed(self) -> str:
        """Write what print(model) shows."""
        return f"Net(\n{self.parts(2)}\n)"

    def parts(self, indent: int) -> str:
        """Write the parts of a model."""
        rows = []
        for number in self.several():
            name = self.pick((str(number), self.pick(NAMES), f"0-{number}"))
            times = self.pick(("", "", "", f"{self.number()} x "))
            if self.chance(0.3) and self.burn():
                rows.append(f"{' ' * indent}({name}): {times}Sequential(\n{self.parts(indent + 2)}\n{' ' * indent})")
            else:
                rows.append(f"{' ' * indent}({name}): {times}{self.layer().removeprefix('torch.').removeprefix('nn.')}")
        return "\n".join(rows)

    def yaml(self) -> str:
        """Write YAML."""
        rows = ["layers:", *self.items(2)]
        if self.chance(0.7):
            sizes = ", ".join(self.pick(("N", "1", "3", "L", "H", "20", "c", self.number())) for _ in self.several(4))
            shape = f"[{sizes}]"
            forms = (
                shape,
                f"{{x: {shape}, q: {{shape: {shape}, dtype: int64}}}}",
                f"{{shape: {shape}, dtype: bool}}",
                sizes,
            )
            rows.insert(0, f"input: {self.pick(forms)}")
        if self.chance(0.4):
            rows.insert(
                0, f"vars: {{c: {self.number()}, k: {self.pick(('3', 'c + 1', '(1, 2)', 'same', 'yes', '1:30'))}}}"
            )
        if self.chance(0.4):
            rows += ["blocks:", f"  unit({self.pick(('c', 'c, k=3', ''))}):", *self.items(4)]
        if self.chance(0.2):
            rows.append(f"expect: {{output: [N, {self.number()}], params: '<= 1_000'}}")
        return "\n".join(rows) + "\n"

    def items(self, indent: int) -> list[str]:
        """Write a list of layers."""
        rows = []
        for _ in self.several(5):
            pad = " " * indent
            form = self.random.random()
            if form < 0.1 and self.burn():
                rows += [f"{pad}- repeat: {self.number()}", f"{pad}  layers:", *self.items(indent + 4)]
            elif form < 0.2 and self.burn():
                rows += [f"{pad}- {self.pick(NAMES)}:", *self.items(indent + 4)]
            elif form < 0.3:
                rows.append(f"{pad}- {self.mapped()}")
            elif form < 0.4:
                rows.append(f"{pad}- {self.pick(NAMES)}: {self.line()}")
            else:
                rows.append(f"{pad}- {self.line()}" if form < 0.9 else f"{pad}- unit({self.number()})")
        return rows

    def mapped(self) -> str:
        """Write {Linear: {in_features: 3}}."""
        name = self.pick(LAYERS)
        kind = layers.find(name)
        assert kind is not None
        fields = [field for field in kind.fields if self.chance(0.5)]
        return f"{name}: {{{', '.join(f'{field}: {self.value()}' for field in fields)}}}"
