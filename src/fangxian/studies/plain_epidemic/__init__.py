"""A plain epidemic in a plain town: what theory knows exactly, so that anybody can check the simulator."""
