"""The registry of torch functions and Tensor methods. A family is imported when one of its ops is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from convshape.op import DECLARED

if TYPE_CHECKING:
    from convshape.op import Op

FAMILIES: dict[str, str] = {
    "pointwise": """sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh
        atanh sigmoid erf erfc erfinv reciprocal sinc lgamma digamma deg2rad rad2deg logit sign sgn abs
        absolute floor ceil round trunc square logical_not isnan isinf isfinite signbit isneginf isposinf
        neg negative positive bitwise_not invert add sub subtract mul multiply floor_divide remainder fmod
        bitwise_and bitwise_or bitwise_xor maximum minimum fmax fmin atan2 arctan2 logical_and logical_or
        logical_xor eq ne lt le gt ge not_equal less less_equal greater greater_equal div divide true_divide
        pow""",
    "mix": """clamp clip clamp_min clamp_max where masked_fill lerp addcmul addcdiv nan_to_num isclose
        Tensor.where""",
    "view": """view reshape view_as reshape_as flatten ravel unflatten permute transpose swapaxes swapdims t
        movedim moveaxis squeeze unsqueeze atleast_1d atleast_2d""",
    "expand": "expand broadcast_to expand_as",
    "memory": "contiguous clone detach requires_grad_",
    "attribute": """size stride dim ndimension numel nelement is_contiguous is_floating_point is_complex shape ndim
        dtype device requires_grad T mT data promote_types result_type can_cast""",
    "numbers": "len int float bool",
    "cast": """Tensor.float Tensor.double Tensor.half Tensor.bfloat16 Tensor.long Tensor.int Tensor.short
        Tensor.bool char byte to type_as type cpu cuda""",
    "index": "getitem",
    "store": "setitem",
    "pick": """select narrow gather index_select scatter scatter_add take take_along_dim masked_select nonzero
        argwhere unique one_hot index_fill""",
    "join": "cat concat concatenate stack hstack vstack row_stack meshgrid split chunk tensor_split unbind",
    "reduce": """sum nansum mean nanmean prod all any count_nonzero logsumexp var std var_mean std_mean norm
        vector_norm normalize cosine_similarity cumsum cumprod cummax cummin diff""",
    "extreme": "max min median amax amin argmax argmin topk sort argsort",
    "product": "matmul mm bmm mv dot outer ger addmm baddbmm",
    "einsum": "einsum",
    "attention": "scaled_dot_product_attention",
    "make": """zeros ones empty rand randn full randint randperm eye arange linspace logspace tensor zeros_like
        ones_like empty_like rand_like randn_like full_like new_zeros new_ones new_empty new_full new_tensor
        fill_ zero_ uniform_ normal_ copy_""",
    "arrange": """repeat tile repeat_interleave flip fliplr flipud rot90 roll Tensor.unfold tril triu diagonal
        diag_embed""",
    "spectral": "rfft irfft fft ifft rfft2 irfft2 fft2 ifft2 fftshift ifftshift stft",
    "norms": "layer_norm rms_norm group_norm batch_norm",
    "functional": """conv1d conv_transpose1d conv2d conv_transpose2d conv3d conv_transpose3d linear
        interpolate embedding prelu pad gumbel_softmax relu relu6 hardtanh elu celu
        selu silu mish hardswish hardsigmoid gelu hardshrink softshrink softplus logsigmoid tanhshrink
        softsign leaky_relu rrelu threshold glu softmax log_softmax softmin max_pool1d max_pool2d max_pool3d
        avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d adaptive_avg_pool1d
        adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
        dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout fold unfold pixel_shuffle
        pixel_unshuffle channel_shuffle local_response_norm""",
}

FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}

OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floor_divide", "%": "remainder", "**": "pow",
             "@": "matmul", "&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor",
             "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}  # fmt: skip
"""The op behind each operator of two tensors."""
UNARY = {"-": "neg", "+": "positive", "~": "invert"}
"""The op behind each operator of one."""


def find(name: str, where: str = "") -> Op | None:
    """Return the op of a torch name, or None; `where` asks for a "function", a "method" or an "attribute"."""
    for spelling in (f"Tensor.{name}", name) if where == "method" else (name,):
        found = declared(spelling)
        if found and where in ("", found.where, *PLACES.get(found.where, ())):
            return found
    return None


def declared(name: str) -> Op | None:
    """Return the op declared under a name, its family imported."""
    family = FAMILY.get(name) or FAMILY.get(name.removesuffix("_"))
    if family is None:
        return None
    module = import_module(f".{family}", __name__)
    if name not in DECLARED and family == "functional":
        module.declare(name)
    return DECLARED.get(name)


PLACES = {"both": ("function", "method")}


def methods() -> list[str]:
    """Return the names that a Tensor may have, for suggestions."""
    return [name.removeprefix("Tensor.") for name in FAMILY]
