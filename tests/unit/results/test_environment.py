import getpass
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import msgspec

from resnet_bench.results.environment import here, installed_versions


def test_the_record_describes_this_machine():
    environment = here()
    assert environment.cpus_count == os.cpu_count()
    assert environment.memory_bytes > 2**27
    assert environment.python.endswith(platform.python_version())
    assert environment.versions["msgspec"] == metadata.version("msgspec")


def test_neither_host_nor_user_nor_path_is_recorded():
    text = msgspec.json.encode(here()).decode()
    for private in (platform.node(), getpass.getuser(), str(Path.home()), sys.prefix):
        assert f'"{private}"' not in text
        assert len(private) < 5 or private not in text


def test_packages_that_are_not_installed_are_left_out():
    assert installed_versions(("msgspec", "no-such-package-anywhere")) == {"msgspec": metadata.version("msgspec")}


def test_reading_versions_imports_none_of_the_packages():
    code = (
        "import sys; from resnet_bench.results.environment import here; here();"
        "assert not {'torch', 'numpy', 'onnxruntime', 'httpx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
