"""From a trace id to the times of one request: where traces are kept, fetched, and what their documents say."""
