import getpass
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import msgspec

from resnet_bench.results.environment import cpu_model, here, installed_versions


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


def test_a_processor_without_a_name_is_known_by_its_architecture(tmp_path):
    arm = tmp_path / "cpuinfo"
    arm.write_text("processor\t: 0\nBogoMIPS\t: 243.75\nCPU part\t: 0xd40\n")
    assert cpu_model(arm) == cpu_model(tmp_path / "missing") == platform.machine()


def test_the_name_of_the_processor_is_freed_of_padding(tmp_path):
    intel = tmp_path / "cpuinfo"
    intel.write_text("processor\t: 0\nmodel name\t: Intel(R)  Xeon(R) CPU   @ 2.90GHz\n")
    assert cpu_model(intel) == "Intel(R) Xeon(R) CPU @ 2.90GHz"


def test_packages_that_are_not_installed_are_left_out():
    assert installed_versions(("msgspec", "no-such-package-anywhere")) == {"msgspec": metadata.version("msgspec")}


def test_reading_versions_imports_none_of_the_packages():
    code = (
        "import sys; from resnet_bench.results.environment import here; here();"
        "assert not {'torch', 'numpy', 'onnxruntime', 'httpx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
