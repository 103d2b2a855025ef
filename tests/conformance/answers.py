"""What every layer answers, as text: what comes out, also of open sizes, and each refusal with a case that gets it."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

from answer_cases import answered, bases, bent, cases, choices, given
from judge import Case, shown

from convshape import arguments, declaration, layers
from convshape.dim import Symbols, Undecided
from convshape.dtypes import C_NAMES, SCALARS, tensor_name
from convshape.faults import Fault
from convshape.layer import NOT_A_TENSOR
from convshape.steps import every_tensor
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from answer_cases import Made

FROM_CASE = ("value", "type", "got", "owner")
"""What a case adds to the words of a refusal; the other words are the rule's."""
EVERYWHERE = {one for module in (arguments, declaration) for one in vars(module).values() if isinstance(one, Fault)}
EVERYWHERE |= {NOT_A_TENSOR}
"""The refusals of arguments and inputs by their kind, which no rule words itself."""


def answers(family: str) -> str:
    """Write what the layers of a family answer."""
    names = layers.FAMILIES[family].split()
    return "\n".join([*(line for name in names for line in accepted(name)), *refused(names)]) + "\n"


# --- what runs ---


def accepted(name: str) -> Iterator[str]:
    """Write what a layer gives, and what of that an argument, a dtype, and training change."""
    first: dict[str, str] = {}
    for base in bases(name):
        known = facts(base)
        yield from block(f"{base!r}", changed(first, known))
        if first or not known:
            continue
        first = known
        for field, (values, _) in choices(base).items():
            changes = ((value, changed(known, facts(given(base, field, value)))) for value in values)
            value, change = next((one for one in changes if one[1]), (None, {}))
            yield from block(f"  {field}={value!r}", change)
        for case in bent(base):
            if (case.inputs, case.keywords) == (base.inputs, base.keywords):  # equal shapes are, of whatever dtype
                words = ", ".join(map(shown, (*case.inputs, *case.keywords.values())))
                change = changed({**known, "open": ""}, {**facts(case), "open": ""})
                yield from block("  in training" if case.train else f"  of {words}", change)


def block(title: str, told: dict[str, str]) -> list[str]:
    """Write facts below a title; nothing where there are none."""
    return [title, *(f"    {label}: {text}" for label, text in told.items() if text)] if any(told.values()) else []


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Return what a change changes."""
    return {label: text for label, text in after.items() if text != before.get(label)}


def facts(case: Case) -> dict[str, str]:
    """Return what is said of a call; nothing where it is refused."""
    made = answered(case)
    if made.layer is None or made.refusal is not None:
        return {}
    one, output = made.layer, made.output
    inputs = one.positional_inputs(case.inputs, case.keywords)
    stored = ", ".join(f"{name} {written(tuple(shape))}" for name, shape in (*one.weights(), *one.buffers()))
    lengths = next((x[-one.axes :] for x in inputs if one.axes and isinstance(x, Tensor)), ())
    return {
        "is": one.signature() if one.filled or one.lazy else "",
        "gives": written(output),
        "stores": stored,
        "MACs": str(one.macs(output, *inputs)),
        "keeps": ", ".join(map(written, one.kept(output, *inputs))),
        "axes": f"{' '.join(one.letters(output))} of {written(one.expects())}",
        "windows": ", ".join(written(tuple(one)) for one in one.windows(lengths)),
        "open": opened(case),
    }


def opened(case: Case) -> str:
    """Write what comes out of sizes that are all open, and what they must satisfy."""
    symbols, numbers = Symbols(), count()

    def open_(value: Any) -> Any:
        if isinstance(value, Tensor):
            return Tensor((symbols.symbol(f"s{next(numbers)}") for _ in value), value.dtype)
        return type(value)(map(open_, value)) if isinstance(value, (tuple, list)) else value

    inputs = tuple(map(open_, case.inputs))
    try:
        made = answered(case._replace(inputs=inputs, keywords={k: open_(v) for k, v in case.keywords.items()}))
    except Undecided as error:
        return str(error)
    needed = ", ".join(symbols.summary())
    return made.refusal.message if made.refusal else f"{written(made.output)}{needed and ' where '}{needed}"


def written(value: Any) -> str:
    """Write nested shapes, each with its dtype where that is not the usual one."""
    if isinstance(value, Tensor):
        return f"({', '.join(map(str, value))}){'' if value.dtype == 'float32' else ':' + value.dtype}"
    return f"({', '.join(map(written, value))})" if isinstance(value, tuple) else str(value)


# --- what is refused ---


def refused(names: list[str]) -> Iterator[str]:
    """Write each refusal once, with the first case that gets it, and how many cases of each layer do."""
    first: dict[Any, tuple[Case, Made]] = {}
    counts: dict[Any, Counter[str]] = {}
    for name in names:
        for case in cases(name):
            made = answered(case)
            key = kind(case, made)
            first.setdefault(key, (case, made))
            counts.setdefault(key, Counter())[name] += 1
    yield f"\nHow many cases of {', '.join(names)}"
    for key, (case, made) in first.items():
        yield from told(case, made) if made.refusal else ["", f"give {', '.join(key)}"]
        yield f"    {' '.join(str(counts[key][name]) for name in names)}"


def kind(case: Case, made: Made) -> tuple[Any, ...]:
    """Tell refusals apart: by the stage, the place, the fault, and the words that the rule adds to it."""
    if made.refusal is None:
        return tuple(tensor.dtype for tensor in every_tensor(made.output))
    refusal, fault = made.refusal, made.refusal.fault
    if fault in EVERYWHERE:
        return (fault.code,)
    assert all((refusal.message, refusal.torch_message) if fault.torch_words else (refusal.message,))
    dtypes = {tensor.dtype for tensor in every_tensor((*case.inputs, *case.keywords.values()))}
    seen = {word for dtype in dtypes for word in (dtype, SCALARS[dtype], C_NAMES[dtype], tensor_name(dtype))}
    words = {key: value for key, value in refusal.values.items() if value is None or isinstance(value, str)}
    added = (f"{key} {value}" for key, value in words.items() if key not in FROM_CASE and value not in seen)
    return made.stage, refusal.at, fault.code, fault.says, fault.torch_type, fault.torch_words, *added


def told(case: Case, made: Made) -> Iterator[str]:
    """Write a refusal: the code, our sentence, the place; torch's words; and the case."""
    refusal = made.refusal
    assert refusal is not None
    yield ""
    yield f"{refusal.fault.code}: {case.spec.name} {refusal.message}"
    if refusal.fault in EVERYWHERE:
        return
    yield f"    at {refusal.at or 'the input'}, {made.stage}, as {case!r}"
    yield f"    torch: {refusal.fault.torch_type}: {refusal.torch_message}"
