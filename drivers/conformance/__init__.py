"""Does a driver keep the contract of `drivers.api`? Run against its simulated device or a real one."""
