"""A month of steady requests on servers that never stop: as many as the load needs."""

from __future__ import annotations

import math

from resnet_bench.analysis.cost.terms import Terms, per_second
from resnet_bench.analysis.workload import Workload
from resnet_bench.prices.costs import Cost
from resnet_bench.prices.servers import Server

# A load that fills n servers to the last request needs n: what a float leaves beyond is no request.
_ROUNDING = 1e-9


def server_month(workload: Workload, server: Server, requests: float, terms: Terms | None = None) -> tuple[Cost, ...]:
    """What servers for ``requests`` in a month cost, steadily spread; each line is a quantity and a price."""
    count = servers_count(workload, server, per_second(requests), terms)
    return tuple(Cost(cost.what, cost.quantity * count, cost.price) for cost in server.month)


def servers_count(workload: Workload, server: Server, rate: float, terms: Terms | None = None) -> int:
    """How many carry ``rate`` requests a second; one at least, since a server waits for its first request."""
    return max(1, math.ceil(rate / capacity(workload, server, terms) - _ROUNDING))


def capacity(workload: Workload, server: Server, terms: Terms | None = None) -> float:
    """Requests a second that one server carries at the utilisation that is aimed at.

    It runs as many calls at a time as the threads of one local call fit its CPUs, each as fast as a call here was on
    its own: that this machine's and the server's CPUs are alike is an assumption. Where one call here had more threads
    than the server has CPUs, it takes longer there in proportion.
    """
    utilisation = min((terms or Terms()).utilisation, server.baseline)
    workers = max(1, server.vcpus // workload.local_threads)
    slower = max(1.0, workload.local_threads / server.vcpus)
    return utilisation * workers / (workload.local_mean_s * slower)
