"""Pages of promises: the queue, the record of a lead, and the acts on both."""
