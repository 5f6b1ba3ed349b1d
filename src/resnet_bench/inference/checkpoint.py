"""Weights in a file that somebody else wrote: .pth (a state dict) or .safetensors."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resnet_bench.errors import WeightsError
from resnet_bench.inference.architecture import Shape, parameters

_HINT = "--weights takes a ResNet-50 state dict as .pth or .safetensors"


def read(file: Path) -> dict[str, NDArray[np.float32]]:
    """ResNet-50's parameters as float32, in the model's order.

    A state dict may be wrapped (``{"state_dict": ...}``) and its names prefixed with ``module.``, as training scripts
    leave them. Nothing in a .pth is executed (``weights_only=True``).

    Raises:
        WeightsError: not readable, or not a ResNet-50's weights.
    """
    state = _unwrapped(_read(file), file)
    expected = parameters()
    missing = [name for name in expected if name not in state]
    if missing:
        raise WeightsError(f"{file} is not a ResNet-50: {missing[0]} and {len(missing) - 1} more are missing", _HINT)
    extra = [name for name in state if name not in expected and not name.endswith(".num_batches_tracked")]
    if extra:
        raise WeightsError(f"{file} is not a ResNet-50: it also has {extra[0]}", _HINT)
    return {name: _values(file, name, state[name], shape) for name, shape in expected.items()}


def write(weights: dict[str, NDArray[np.float32]], target: Path) -> None:
    """Save as safetensors.

    Raises:
        OSError: the disk is full or the like (safetensors' own ``save_file`` raises an error of its own then).
    """
    from safetensors.numpy import save

    target.write_bytes(save(weights))


def _read(file: Path) -> Any:
    import torch
    from safetensors.torch import load_file

    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        _check_size(file)
        return torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"cannot read the weights {file}: {error.strerror or error}", "check the path") from error
    except WeightsError:
        raise
    except Exception as error:  # what a hostile pickle makes its reader raise is for whoever wrote it to say
        # torch's own words advise to read it unsafely, which lets a file run whatever it holds.
        raise WeightsError(
            f"{file} holds no weights that can be read safely ({type(error).__name__})", _HINT
        ) from error


def _check_size(file: Path) -> None:
    """torch packs nothing: what is larger once it is unpacked was made to fill memory.

    Raises:
        WeightsError: that is so.
    """
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        unpacked_bytes = sum(one.file_size for one in archive.infolist())
    if unpacked_bytes > file.stat().st_size:
        raise WeightsError(f"{file} holds {unpacked_bytes:,} bytes packed into fewer, which no torch.save does", _HINT)


def _values(file: Path, name: str, tensor: Any, shape: Shape) -> NDArray[np.float32]:
    """
    Raises:
        WeightsError: not as many numbers as ``shape`` says, or not all of them numbers.
    """
    import torch

    if tuple(tensor.shape) != shape:
        raise WeightsError(f"{file}: {name} has shape {tuple(tensor.shape)}, ResNet-50's is {shape}", _HINT)
    if not tensor.is_floating_point() or tensor.layout != torch.strided or tensor.device.type != "cpu":
        raise WeightsError(f"{file}: {name} is no dense tensor of floating-point numbers ({tensor.dtype})", _HINT)
    values = np.ascontiguousarray(tensor.detach().float().numpy())
    if not np.isfinite(values).all():
        raise WeightsError(f"{file}: {name} holds values that are no finite numbers", _HINT)
    return values


def _unwrapped(content: Any, file: Path) -> dict[str, Any]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(hasattr(value, "detach") for value in content.values()):
        raise WeightsError(f"{file} holds no state dict", _HINT)
    return {str(name).removeprefix("module."): value for name, value in content.items()}
