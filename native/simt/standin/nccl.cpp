// Stands in for libnccl.so.2: sums over the devices of one process, each rank driven by a thread of its own.
