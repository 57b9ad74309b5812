"""Calls of operations in graphs as Keras writes them, so that its files and ours hold the same.

Keras has a class for each operation: its constructor takes the settings, its call the tensors. Here
an operation is one function that takes all.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

from nyala.core import serialize_keras_object
from nyala.eager import OPERATIONS

_PREFIX = "keras.src.ops."


def as_keras_operation(entry: dict) -> dict:
    """Return a graph's entry for a call of ours as Keras writes it, where it has that class."""
    name = entry["config"].get("op") if entry.get("class_name") == "OpCall" else None
    if name == "_get_item":
        entry = _with_plain_key(entry)
        name = entry["config"]["op"]
    if name not in _by_operation():
        return entry
    module, cls, tensors = _by_operation()[name]
    bound = [_split(name, node, tensors) for node in entry["inbound_nodes"]]
    settings = bound[0][1] if bound else {}
    if any(other != settings for _, other in bound):
        return entry
    nodes = [{"args": args, "kwargs": {}} for args, _ in bound]
    return {
        **entry, "module": _PREFIX + module, "class_name": cls, "registered_name": cls,
        "config": {"name": entry["config"]["name"], **settings}, "inbound_nodes": nodes,
    }  # fmt: skip


def from_keras_operation(entry: dict) -> dict:
    """Return a graph's entry for a call of Keras' operation classes as one of ours."""
    found = _found_class(entry)
    if found is None:
        if entry.get("class_name") == "OpCall" and entry["config"].get("op") == "_get_item":
            return {**entry, "inbound_nodes": [_tuples_of_key(n) for n in entry["inbound_nodes"]]}
        return entry
    operation, tensors = found
    config = dict(entry["config"])
    own = {"op": operation, "name": config.pop("name", None)}
    nodes = [
        {"args": [], "kwargs": {**config, **dict(zip(tensors, node.get("args", ()), strict=False)),
                                **node.get("kwargs", {})}}
        for node in entry.get("inbound_nodes", ())
    ]  # fmt: skip
    if operation == "get_item":
        for node in nodes:
            key = node["kwargs"]["key"]
            node["kwargs"]["key"] = tuple(key) if isinstance(key, list) else key
    return {**entry, "module": "nyala.ops", "class_name": "OpCall", "registered_name": None,
            "config": own, "inbound_nodes": nodes}  # fmt: skip


def _found_class(entry: dict) -> tuple[str, tuple[str, ...]] | None:
    """Return our operation for an entry's class, and its tensors, or `None`."""
    module, cls = entry.get("module"), entry.get("class_name")
    if not all(isinstance(node, dict) for node in entry.get("inbound_nodes") or ()):
        return None  # Keras 2 writes calls as lists, and has no such classes
    if isinstance(module, str) and module.startswith(_PREFIX):
        return _by_class().get((module.removeprefix(_PREFIX), cls))
    # In Keras' h5 files modules are left out; of equal names, only layers can be trainable.
    if module is None and set(entry.get("config", ())).isdisjoint(("trainable", "batch_shape")):
        return next((own for (_, name), own in _by_class().items() if name == cls), None)
    return None


def _with_plain_key(entry: dict) -> dict:
    """Return the entry of an indexing with its key spelled out, where no array is part of it."""
    nodes = []
    for node in entry["inbound_nodes"]:
        x, arrays, structure = node["args"]
        if arrays:
            return entry
        nodes.append({"args": [x, [_plain(part) for part in structure]], "kwargs": {}})
    config = {**entry["config"], "op": "get_item"}
    return {**entry, "config": config, "inbound_nodes": nodes}


def _plain(part: Any) -> Any:
    if isinstance(part, (list, tuple)):
        return serialize_keras_object(slice(*part[1:]))
    return serialize_keras_object(Ellipsis) if part == "..." else part


def _tuples_of_key(node: dict) -> dict:
    x, arrays, structure = node["args"]
    parts = tuple(tuple(part) if isinstance(part, list) else part for part in structure)
    return {**node, "args": [x, arrays, parts]}


def _split(name: str, node: dict, tensors: tuple[str, ...]) -> tuple[list, dict]:
    """Return what a call takes as tensors, in order, and its settings, defaults spelled out."""
    signature = inspect.signature(OPERATIONS[name])
    bound = signature.bind(*node["args"], **node["kwargs"])
    bound.apply_defaults()
    values = dict(bound.arguments)
    given = [values.pop(key) for key in tensors]
    while given and given[-1] is None:  # tensors that may be left out, and were
        given.pop()
    return given, values


@functools.cache
def _by_operation() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    return {
        operation: (module, cls, tuple(tensors.split(",")))
        for module, rows in _TABLE.items()
        for cls, operation, tensors in (row.split(" ") for row in rows.strip().splitlines())
    }


@functools.cache
def _by_class() -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    own = {(m, cls): (name, tensors) for name, (m, cls, tensors) in _by_operation().items()}
    aliases = {
        (module, alias): own[module, cls] for module, cls, alias in _ALIASES if (module, cls) in own
    }
    return {**own, **aliases}


# Classes that Keras has twice.
_ALIASES = (("numpy", "Abs", "Absolute"), ("numpy", "Absolute", "Abs"))

# module: class, our operation, its tensors.
_TABLE = {
    "numpy": """
Rot90 rot90 array
Absolute absolute x
Abs abs x
Fabs fabs x
Add add x1,x2
All all x
AllClose allclose x1,x2
Angle angle x
Any any x
Amax amax x
Amin amin x
Append append x1,x2
Arange arange start,stop,step
Arccos arccos x
Arccosh arccosh x
Arcsin arcsin x
Arcsinh arcsinh x
Arctan arctan x
Arctan2 arctan2 x1,x2
Arctanh arctanh x
Argmax argmax x
Argmin argmin x
Argsort argsort x
View view x
Average average x,weights
Heaviside heaviside x1,x2
BitwiseAnd bitwise_and x,y
BitwiseInvert bitwise_invert x
BitwiseNot bitwise_not x
BitwiseOr bitwise_or x,y
BitwiseXor bitwise_xor x,y
BitwiseLeftShift bitwise_left_shift x,y
LeftShift left_shift x,y
BitwiseRightShift bitwise_right_shift x,y
RightShift right_shift x,y
BroadcastTo broadcast_to x
Cbrt cbrt x
Ceil ceil x
Clip clip x
Concatenate concatenate xs
Conjugate conjugate x
Conj conj x
Copy copy x
Cos cos x
Cosh cosh x
CountNonzero count_nonzero x
Cross cross x1,x2
Cumprod cumprod x
Cumsum cumsum x
Deg2rad deg2rad x
Rad2deg rad2deg x
Diag diag x
Diagflat diagflat x
Diagonal diagonal x
Diff diff a
Digitize digitize x,bins
Dot dot x1,x2
Dstack dstack xs
EmptyLike empty_like x
Equal equal x1,x2
Exp exp x
Exp2 exp2 x
ExpandDims expand_dims x
Expm1 expm1 x
Flip flip x
Fliplr fliplr x
Flipud flipud x
Floor floor x
Full full fill_value
FullLike full_like x,fill_value
Gcd gcd x1,x2
GetItem get_item x,key
Geomspace geomspace start,stop
Greater greater x1,x2
GreaterEqual greater_equal x1,x2
Hstack hstack xs
Hsplit hsplit x
Hypot hypot x1,x2
Imag imag x
I0 i0 x
Isclose isclose x1,x2,rtol,atol
Isfinite isfinite x
IsIn isin x1,x2
Isinf isinf x
Isnan isnan x
Isneginf isneginf x
Isposinf isposinf x
Isreal isreal x
Kron kron x1,x2
Lcm lcm x1,x2
Ldexp ldexp x1,x2
Less less x1,x2
LessEqual less_equal x1,x2
Linspace linspace start,stop
Log log x
Log10 log10 x
Log1p log1p x
Log2 log2 x
Logaddexp logaddexp x1,x2
Logaddexp2 logaddexp2 x1,x2
LogicalAnd logical_and x1,x2
LogicalNot logical_not x
LogicalOr logical_or x1,x2
Logspace logspace start,stop
Matmul matmul x1,x2
Max max x
Maximum maximum x1,x2
Fmax fmax x1,x2
Median median x
Min min x
Minimum minimum x1,x2
Fmin fmin x1,x2
Mod mod x1,x2
Fmod fmod x1,x2
Moveaxis moveaxis x
Nanargmax nanargmax x
Nanargmin nanargmin x
Nancumsum nancumsum x
Nancumprod nancumprod x
Nanmax nanmax x
Nanmean nanmean x
Nanmedian nanmedian x
Nanmin nanmin x
Nanpercentile nanpercentile x,q
Nanprod nanprod x
Nanquantile nanquantile x,q
Nanstd nanstd x
Nansum nansum x
Nanvar nanvar x
NanToNum nan_to_num x
Nonzero nonzero x
NotEqual not_equal x1,x2
OnesLike ones_like x
ZerosLike zeros_like x
Outer outer x1,x2
Pad pad x,constant_values
Percentile percentile x,q
Prod prod x
Ptp ptp x
Quantile quantile x,q
Ravel ravel x
UnravelIndex unravel_index indices
Real real x
Reciprocal reciprocal x
Repeat repeat x
Reshape reshape x
Roll roll x
Round round x
SearchSorted searchsorted sorted_sequence,values
Sign sign x
Signbit signbit x
Sin sin x
Sinc sinc x
Sinh sinh x
Size size x
Sort sort x
Split split x
Stack stack x
Std std x
Swapaxes swapaxes x
Take take x,indices
TakeAlongAxis take_along_axis x,indices
Tan tan x
Tanh tanh x
Tensordot tensordot x1,x2
Tile tile x
Trace trace x
Tril tril x
Triu triu x
Trunc trunc x
Vdot vdot x1,x2
Inner inner x1,x2
Vstack vstack xs
Vsplit vsplit x
Where where condition,x1,x2
Subtract subtract x1,x2
Multiply multiply x1,x2
Divide divide x1,x2
DivideNoNan divide_no_nan x1,x2
TrueDivide true_divide x1,x2
Power power x1,x2
Negative negative x
Nextafter nextafter x1,x2
Square square x
Sqrt sqrt x
Squeeze squeeze x
Transpose transpose x
Trapezoid trapezoid y
Mean mean x
Vander vander x
Var var x
Sum sum x
FloorDivide floor_divide x1,x2
LogicalXor logical_xor x1,x2
Corrcoef corrcoef x
Correlate correlate x1,x2
Select select condlist,choicelist,default
Slogdet slogdet x
Argpartition argpartition x
Histogram histogram x
ArraySplit array_split x
Dsplit dsplit x
""",
    "nn": """
Relu relu x
Relu6 relu6 x
Sigmoid sigmoid x
SparseSigmoid sparse_sigmoid x
Softplus softplus x
Softsign softsign x
SoftShrink soft_shrink x
SparsePlus sparse_plus x
Silu silu x
Squareplus squareplus x
LogSigmoid log_sigmoid x
LeakyRelu leaky_relu x
HardSigmoid hard_sigmoid x
HardSilu hard_silu x
Elu elu x
Selu selu x
Gelu gelu x
Celu celu x
Glu glu x
TanhShrink tanh_shrink x
HardTanh hard_tanh x
HardShrink hard_shrink x
Threshold threshold x
Softmax softmax x
LogSoftmax log_softmax x
Sparsemax sparsemax x
MaxPool max_pool inputs
AdaptiveMaxPool adaptive_max_pool inputs
AveragePool average_pool inputs
AdaptiveAveragePool adaptive_average_pool inputs
Conv conv inputs,kernel
DepthwiseConv depthwise_conv inputs,kernel
SeparableConv separable_conv inputs,depthwise_kernel,pointwise_kernel
ConvTranspose conv_transpose inputs,kernel
OneHot one_hot x
BinaryCrossentropy binary_crossentropy target,output
CategoricalCrossentropy categorical_crossentropy target,output
SparseCategoricalCrossentropy sparse_categorical_crossentropy target,output
MultiHot multi_hot inputs
Moments moments x
CTCLoss ctc_loss target,output,target_length,output_length
CTCDecode ctc_decode inputs,sequence_lengths
Normalize normalize x
PSNR psnr x1,x2
DotProductAttention dot_product_attention query,key,value,bias,mask,scale
Polar polar abs_,angle
Unfold unfold x
Fold fold x
DepthToSpace depth_to_space x
SpaceToDepth space_to_depth x
""",
    "math": """
TopK top_k x
InTopK in_top_k targets,predictions
Logsumexp logsumexp x
CDist cdist x,y
ExtractSequences extract_sequences x
FFT fft x
FFT2 fft2 x
IFFT2 ifft2 x
RFFT rfft x
IRFFT irfft x
STFT stft x
ISTFT istft x
Rsqrt rsqrt x
Erf erf x
Erfc erfc x
Erfinv erfinv x
Logdet logdet x
ViewAsComplex view_as_complex x
ViewAsReal view_as_real x
""",
    "core": """
Map map f,xs
Scan scan f,init,xs
AssociativeScan associative_scan f,elems
Scatter scatter indices,values
ScatterUpdate scatter_update inputs,indices,updates
Slice slice inputs,start_indices
SliceUpdate slice_update inputs,start_indices,updates
WhileLoop while_loop loop_vars
StopGradient stop_gradient variable
ForiLoop fori_loop init_val
Unstack unstack x
Cast cast x
SaturateCast saturate_cast x
ConvertToTensor convert_to_tensor x
Cond cond pred,true_fn,false_fn
VectorizedMap vectorized_map elements
""",
    "linalg": """
Cholesky cholesky x
CholeskyInverse cholesky_inverse x
Det det x
Eig eig x
Eigh eigh x
Inv inv x
LuFactor lu_factor x
Norm norm x
Qr qr x
Solve solve a,b
SolveTriangular solve_triangular a,b
SVD svd x
Lstsq lstsq a,b
MatrixRank matrix_rank x
Pinv pinv x
JVP jvp fun,primals,tangents
""",
    "image": """
RGBToGrayscale rgb_to_grayscale images
RGBToHSV rgb_to_hsv images
HSVToRGB hsv_to_rgb images
Resize resize images
AffineTransform affine_transform images,transform
ExtractPatches extract_patches images
MapCoordinates map_coordinates inputs,coordinates
PadImages pad_images images
CropImages crop_images images
PerspectiveTransform perspective_transform images,start_points,end_points
GaussianBlur gaussian_blur images
ScaleAndTranslate scale_and_translate images,output_shape,scale,translation
SobelEdges sobel_edges images
SSIM ssim image1,image2
""",
}
