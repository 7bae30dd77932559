package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: what computes, with how many threads. */
final class DeviceOptions {
  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "NAME",
      description =
          "Where networks run: cpu, cuda (the first GPU) or cuda:N; default: ${DEFAULT-VALUE}."
              + " `fizzy info` lists the GPUs.")
  private String device;

  @Mixin private Threads threads;

  int threads() {
    return threads.count();
  }

  /** Opens the device for the calling thread, which must be the one that computes. */
  Device open() {
    return Devices.open(device, threads.count());
  }
}
