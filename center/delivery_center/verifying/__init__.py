"""The parts of :mod:`delivery_center.verify`."""
