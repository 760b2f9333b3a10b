"""The system on one machine: in one process, or as the separate processes that containers would run."""
