"""What a measured workload costs a month on Lambda and on servers, and from which rate on which is cheaper."""

from resnet_bench.analysis.cost.break_even import BreakEven, break_even
from resnet_bench.analysis.cost.months import USUAL, Month, SideBySide, side_by_side
from resnet_bench.analysis.cost.on_lambda import cold_share, lambda_month
from resnet_bench.analysis.cost.on_servers import capacity, server_month, servers_count
from resnet_bench.analysis.cost.terms import Terms, per_second, requests_a_month

__all__ = [
    "USUAL",
    "BreakEven",
    "Month",
    "SideBySide",
    "Terms",
    "break_even",
    "capacity",
    "cold_share",
    "lambda_month",
    "per_second",
    "requests_a_month",
    "server_month",
    "servers_count",
    "side_by_side",
]
