"""Pages as HTML, in one file or in parts: the terminal's rows and words, with plots to look into.

Nothing is loaded from anywhere else.
"""

from resnet_bench.report.html.document import html
from resnet_bench.report.html.fragment import fragment
from resnet_bench.report.html.markup import serialised, tag
from resnet_bench.report.html.plots import figure
from resnet_bench.report.html.tables import table
from resnet_bench.report.html.telling import Teller
from resnet_bench.report.html.writer import caveats

__all__ = ["Teller", "caveats", "figure", "fragment", "html", "serialised", "table", "tag"]
