"""Traffic, simulated on both sides: requests arrive, environments start and expire, queues grow, percentiles result."""
