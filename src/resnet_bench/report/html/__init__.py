"""Pages as one HTML file: the terminal's rows and words, with plots to look into. It loads nothing from anywhere."""

from resnet_bench.report.html.document import html

__all__ = ["html"]
