"""What CloudWatch has measured: the dashboard's metrics over time, in this program's units."""
