"""Propagate: run the lines of a bound network over shapes, and attach positions to what a rule refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import ops
from convshape.axes import shown
from convshape.bind import Aside, BoundLine, Function, Module, Refused, Subnet, argument_span
from convshape.dim import Undecided
from convshape.evaluate import Evaluator, article
from convshape.faults import ConvshapeError, ReadError, Refusal, ShapeError
from convshape.network import Attribute, Binary, Call, Index, Node, Store, Unary
from convshape.ops.numbers import NUMBERS
from convshape.steps import Step, Trace
from convshape.suggest import clipped, did_you_mean
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.dim import Symbols
    from convshape.network import Names, Network
    from convshape.source import Span


class Run(Evaluator):
    """One propagation: the running tensor, the outputs by name, and the steps so far.

    The dry run is the same propagation over real tensors: `tensor` is their type.
    """

    tensor: Any = Tensor

    def __init__(self, network: Network, inputs: Mapping[str, Tensor], symbols: Symbols) -> None:
        """Start with the inputs; `x` is the first of them."""
        super().__init__(network.source)
        self.symbols = symbols
        self.values: dict[str, Any] = dict(inputs)
        self.x: Any = next(iter(inputs.values()))
        self.steps: list[Step] = []
        self.filled: dict[str, Any] = {}
        self.titles: dict[str, str] = {}
        self.held: list[tuple[Any, int]] = []
        self.reads: set[str] = set()
        self.notes: list[str] = []
        self.path = ""

    def lines(self, lines: tuple[BoundLine, ...]) -> Any:
        """Run lines one after the other; each that gives a tensor gives the next one its `x`."""
        tensor = self.tensor
        for path, names, value in lines:
            self.path = path
            try:
                result = self.module(value) if type(value) is Module else self.evaluate(value)
                if isinstance(result, (tuple, tensor)) and type(value) is not Aside:
                    self.x = result
                if names:
                    self.give(names, result, value)
            except Undecided as error:
                raise self.undecided(error, value, self.symbols) from None
            except ReadError as error:  # what a rule refuses for its size stands where the line does
                raise error.place(self.source, value.span) from None
        return self.x

    def give(self, names: Names, result: Any, node: Node) -> None:
        """Let names stand for a result, or for the parts of a tuple."""
        if len(names) == 1 and isinstance(names[0], str):
            self.values[names[0]] = result
            return
        if isinstance(result, self.tensor):
            result = self.operate(ops.find("unbind"), node, (result,), {})
        if not isinstance(result, (tuple, list)) or len(result) != len(names):
            raise self.fail("unpack", f"cannot unpack {article(result)} into {len(names)} names", node)
        for name, part in zip(names, result, strict=True):
            self.give((name,) if isinstance(name, str) else name, part, node)

    # --- layers ---

    def module(self, node: Module) -> Any:
        """Apply a layer to `x`, where it stands alone."""
        return self.apply(node, (self.x,), None)

    def apply(self, node: Module, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Any:
        """Apply a layer and note the step."""
        layer = node.layer
        path = node.path
        facts = self.symbols.facts
        known = len(facts)
        if keywords and not inputs:
            inputs, keywords = layer.placed(keywords)
        try:
            shared = path in self.filled
            if layer.holes:
                layer = self.filled[path] if shared else layer.ready(inputs)
            self.filled[path] = layer
            output = layer(*inputs, **keywords) if keywords else layer(*inputs)
            if inputs and output is inputs[0] and not layer.shares:
                output = Tensor(output, output.dtype, output.strides)  # the same sizes, in memory of its own
        except Refusal as refusal:
            self.attribute_facts(known, layer, path, node.span)
            raise self.error(refusal, node, inputs) from None
        if len(facts) > known:
            self.attribute_facts(known, layer, path, node.span)
        self.steps.append(Step(path, type(layer).__name__, layer, inputs, keywords, output, node.span, shared))
        return output

    def attribute_facts(self, known: int, layer: Any, path: str, span: Span) -> None:
        """Say of the facts that a step assumed where they come from."""
        for _, why in self.symbols.facts[known:]:
            assert isinstance(why, Refusal)  # noqa: S101  # `require` gives no other reason
            why.about(layer).place(path, span)

    def error(self, refusal: Refusal, node: Module, inputs: tuple[Any, ...]) -> ShapeError:
        """Turn what a layer refuses into an error at its argument."""
        layer = node.layer
        kind = type(layer).__name__
        named = node.path.rpartition(".")[2].isidentifier()
        error = ShapeError(refusal.about(self.filled.get(node.path, layer)), "forward", node.path if named else kind)
        span = argument_span(node.call, type(layer), refusal.at) if isinstance(node.call, Call) else node.span
        error.place(self.source, span)
        error.path, error.call, error.inputs = node.path, node.call.span, inputs
        error.wanted = getattr(layer, refusal.at, None)
        words = f"the input here is {shown(inputs, layer)}"
        error.label = f"{refusal.at}; {words}" if refusal.at else words
        error.step = Step(node.path, kind, layer, inputs, span=node.span)
        return error

    def refused(self, node: Refused) -> Any:
        """Come to a layer that could not be made."""
        node.error.step = Step(self.path, "", None, (self.x,), span=node.span)
        raise node.error

    def function(self, node: Function) -> Any:
        """Apply a function to `x`, where it stands alone."""
        return self.functional(node.op, node, (self.x,), {})

    def aside(self, node: Aside) -> Any:
        """Evaluate what is only named."""
        return self.evaluate(node.value)

    def subnet(self, node: Subnet) -> Any:
        """Run the lines of a block on `x`; the names that it gives stay inside."""
        return self.enter(node, self.x)

    def enter(self, node: Subnet, x: Any) -> Any:
        """Run the lines of a block on an input."""
        outer, values, path = self.x, self.values, self.path
        self.titles[node.path] = node.title
        self.x, self.values = x, dict(values) if any(line.names for line in node.lines) else values
        result = self.lines(node.lines)
        self.leave(x, values)
        self.x, self.values, self.path = outer, values, path
        return result

    def leave(self, x: Any, outer: Mapping[str, Any]) -> None:
        """Note what a block lets go at its end, as a forward does: its input, and what was read by a name."""
        named = (value for name, value in self.values.items() if name in self.reads and outer.get(name) is not value)
        self.held += ((value, len(self.steps)) for value in (x, *named))

    # --- expressions ---

    def lookup(self, name: str, default: Any) -> Any:
        """Find an output or an input."""
        self.reads.add(name)
        return self.x if name == "x" else self.values.get(name, default)

    def call(self, node: Call) -> Any:
        """Call a layer, a block, a function or a method."""
        function = node.function
        arguments = tuple(map(self.evaluate, node.arguments))
        keywords = {name: self.evaluate(part) for name, part in node.keywords}
        if isinstance(function, Module):
            return self.applied(node, function, arguments, keywords)
        if isinstance(function, Subnet):
            return self.enter(function, arguments[0] if arguments else self.x)
        if isinstance(function, Function):
            return self.functional(function.op, node, arguments, keywords)
        if isinstance(function, Attribute):
            return self.method(node, function, arguments, keywords)
        if isinstance(function, Refused):
            return self.refused(function)
        raise self.fail("expression", "only a layer, a function or a method can be called", node)

    def applied(self, node: Call, function: Module, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call a layer on what is written, and say where that is when it refuses."""
        try:
            return self.apply(function, arguments, keywords)
        except ShapeError as error:
            error.applied = node.arguments[0].span if node.arguments else None
            raise

    def method(self, node: Call, function: Attribute, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call a Tensor method."""
        value = self.evaluate(function.value)
        operation = ops.find(function.name, "method")
        if not isinstance(value, self.tensor) or operation is None:
            hint = did_you_mean(function.name, ops.methods()) if isinstance(value, self.tensor) else ""
            raise self.fail("no-method", f"{article(value)} has no method {clipped(function.name)}{hint}", node)
        return self.operate(operation, node, (value, *arguments), keywords, bound=True)

    def functional(self, operation: Any, node: Node, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call a function; those that Python has for numbers, too, are Python's where no tensor is among them."""
        if operation.name not in NUMBERS or any(isinstance(one, self.tensor) for one in arguments):
            return self.operate(operation, node, arguments, keywords)
        try:
            return NUMBERS[operation.name](*arguments, **keywords)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.fail("expression", f"cannot work out {operation.name}: {error}", node) from None

    def operate(
        self, operation: Any, node: Node, arguments: tuple[Any, ...], keywords: dict[str, Any], *, bound: bool = False
    ) -> Any:
        """Apply an op, `bound` when it is written as a method; a result that holds a tensor is a step."""
        facts = self.symbols.facts
        known = len(facts)
        try:
            output = operation.call(arguments, keywords, bound=bound)
            if arguments and output is arguments[0] and type(output) is Tensor and not operation.shares(arguments):
                output = Tensor(output, output.dtype, output.strides)
        except Refusal as refusal:
            self.attribute_facts(known, None, self.path, node.span)
            error = ShapeError(refusal, "forward", operation.name)
            error.place(self.source, node.span)
            error.path = self.path
            error.step = Step(self.path, operation.name, None, arguments, keywords, span=node.span)
            error.label = f"the input here is {shown(tuple(error.step.tensors))}"
            raise error from None
        if len(facts) > known:
            self.attribute_facts(known, None, self.path, node.span)
        if isinstance(output, Tensor) or (isinstance(output, tuple) and output and isinstance(output[0], Tensor)):
            name = operation.name
            self.steps.append(Step(self.path, name, None, arguments, keywords, output, node.span, op=operation))
        return output

    def attribute(self, node: Attribute) -> Any:
        """Return `x.shape` and its like."""
        value = self.evaluate(node.value)
        operation = ops.find(node.name, "attribute")
        if not isinstance(value, self.tensor) or operation is None:
            hint = did_you_mean(node.name, ops.methods()) if isinstance(value, self.tensor) else ""
            raise self.fail("no-attribute", f"{article(value)} has no attribute {clipped(node.name)}{hint}", node)
        return self.operate(operation, node, (value,), {}, bound=True)

    def index(self, node: Index) -> Any:
        """Return `value[index]`, of a tuple or of a tensor."""
        value, index = self.evaluate(node.value), self.evaluate(node.index)
        if isinstance(value, self.tensor):
            return self.operate(ops.find("getitem"), node, (value, index), {})
        try:
            return value[index]
        except (TypeError, IndexError):
            raise self.fail("index", f"cannot take {index} of {article(value)}", node) from None

    def store(self, node: Store) -> Any:
        """Assign to a part of a tensor."""
        value, index = self.evaluate(node.target.value), self.evaluate(node.target.index)
        return self.operate(ops.find("setitem"), node, (value, index, self.evaluate(node.new)), {})

    def calculate(self, node: Binary, left: Any, right: Any) -> Any:
        """Do arithmetic, on tensors where there is one."""
        if isinstance(left, self.tensor) or isinstance(right, self.tensor):
            operation = ops.find(ops.OPERATORS.get(node.operator, ""))
            if operation is None:
                raise self.fail("expression", f"tensors have no operator {node.operator} here", node)
            return self.operate(operation, node, (left, right), {})
        return super().calculate(node, left, right)

    def signed(self, node: Unary, value: Any) -> Any:
        """Negate or invert a tensor or a number."""
        operation = ops.find(ops.UNARY.get(node.operator, "")) if isinstance(value, self.tensor) else None
        return super().signed(node, value) if operation is None else self.operate(operation, node, (value,), {})


def propagate(
    network: Network,
    lines: tuple[BoundLine, ...],
    inputs: Mapping[str, Tensor],
    symbols: Symbols,
    notes: tuple[str, ...] = (),
) -> Trace:
    """Run a bound network over its inputs; a refusal ends the trace, and is its `error`."""
    return traced(Run(network, inputs, symbols), network, lines, inputs, notes)


def traced(
    run: Run, network: Network, lines: tuple[BoundLine, ...], inputs: Mapping[str, Tensor], notes: tuple[str, ...] = ()
) -> Trace:
    """Let a propagation run to its end, or to what a rule refuses."""
    try:
        output, error = run.lines(lines), None
    except ConvshapeError as caught:
        output, error = None, caught
        caught.step = caught.step or Step(run.path, "", None, (run.x,), span=caught.span)
    run.leave(run.x, {})
    told = (*notes, *run.notes)
    return Trace(network, inputs, run.symbols, tuple(run.steps), output, error, told, run.titles, lines, run.held)
