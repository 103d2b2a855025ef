"""Normalisations of torch.nn.functional: each makes its layer from the tensors that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis
from convshape.faults import Fault, require
from convshape.ops.layered import layer_function, layered

if TYPE_CHECKING:
    from convshape.op import Flag, IntList
    from convshape.tensor import Sizes, Tensor

NO_GROUPS = Fault("groups", "needs at least one group", "ZeroDivisionError: integer division or modulo by zero")
WEIGHT_SHAPE = Fault(
    "features",
    "needs a {what} of the shape {normalized_shape}, got {got}",
    "RuntimeError: Expected {what} to be of same shape as normalized_shape, but got {what} of shape {got} and "
    "normalized_shape = {normalized_shape}",
)
NOT_DEFINED = Fault(
    "statistics",
    "needs {what} in eval",
    "RuntimeError: Expected {what} to be defined when training=False",
)


def need_shape(normalized_shape: Sizes, **stored: Tensor | None) -> None:
    """Refuse weights of another shape than what is normalised."""
    for what, given in stored.items():
        told: dict[str, Any] = {"what": what, "got": given, "normalized_shape": normalized_shape}
        require(given is None or len(given) == len(normalized_shape), WEIGHT_SHAPE, what, **told)
        for have, want in zip(given or (), normalized_shape, strict=False):
            require(have == want, WEIGHT_SHAPE, what, **told)


def layer_norm(
    input: Tensor,
    normalized_shape: IntList,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Any:
    """Normalise over the last axes."""
    need_shape(normalized_shape, weight=weight, bias=bias)
    affine = weight is not None
    return layered("LayerNorm", normalized_shape=normalized_shape, eps=eps, elementwise_affine=affine, stores=weight), (
        input,
    )


def rms_norm(input: Tensor, normalized_shape: IntList, weight: Tensor | None = None, eps: float | None = None) -> Any:
    """Divide the last axes by their root mean square."""
    need_shape(normalized_shape, weight=weight)
    affine = weight is not None
    return layered("RMSNorm", normalized_shape=normalized_shape, eps=eps, elementwise_affine=affine, stores=weight), (
        input,
    )


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05
) -> Any:
    """Normalise over groups of channels."""
    require(num_groups != 0, NO_GROUPS, "num_groups")
    channels = next((one[0] for one in (weight, bias) if one), input[1] if len(input) > 1 else 1)
    affine = weight is not None
    return layered("GroupNorm", num_groups=num_groups, num_channels=channels, eps=eps, affine=affine, stores=weight), (
        input,
    )


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: Flag = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Any:
    """Normalise each channel over the batch."""
    from convshape.layers.norm import BatchNormAnywhere

    axis(len(input), 1)
    for what, given in (("running_mean", running_mean), ("running_var", running_var)):
        require(training or given is not None, NOT_DEFINED, what, what=what)
    stored = next((one for one in (running_mean, running_var, weight, bias) if one), None)
    features = input[1] if stored is None else stored[0]
    sizes = {"num_features": features, "affine": weight is not None, "track_running_stats": running_mean is not None}
    settings: dict[str, Any] = {"training": training, "momentum": momentum, "eps": eps, **sizes}
    return layered(BatchNormAnywhere, stores=stored, **settings), (input,)


for build in (layer_norm, rms_norm, group_norm, batch_norm):
    layer_function(build, build.__name__)
