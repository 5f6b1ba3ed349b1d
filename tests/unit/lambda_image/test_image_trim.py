"""What is taken out of an image's packages, and what is not."""

from __future__ import annotations

from pathlib import Path

from resnet_bench.lambda_image.trim import trim

GOES = (
    "bin/f2py",
    "numpy/tests/test_ctypeslib.py",
    "numpy/_core/tests/data/x.csv",
    "numpy/_core/include/numpy/arrayobject.h",
    "numpy/__init__.pyi",
    "torch/lib/libx.a",
    "torch/include/c10/tests/deep.h",
    "onnxruntime/transformers/models/x.py",
    "onnxruntime/quantization/quantize.py",
    "onnxruntime/tools/make.py",
    "onnxruntime/datasets/mul_1.onnx",
)
STAYS = (
    "numpy/__init__.py",
    "numpy/testing/__init__.py",
    "numpy.libs/libopenblas.so",
    "onnxruntime/capi/onnxruntime_pybind11_state.so",
    "onnxruntime/__init__.py",
    "torch/testing/_internal/x.py",
    "sympy/tools/x.py",
    "numpy-2.4.6.dist-info/METADATA",
)


def test_what_a_function_never_imports_goes_and_all_else_stays(tmp_path: Path) -> None:
    for name in (*GOES, *STAYS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    trim(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(STAYS)


def test_packages_without_any_of_it_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text("")
    trim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["msgspec.py"]
