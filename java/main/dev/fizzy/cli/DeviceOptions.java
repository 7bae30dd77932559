package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Group;
import java.util.List;
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
  private DeviceNames device;

  @Mixin private Threads threads;

  int threads() {
    return threads.count();
  }

  /** The devices named, separated by commas; most commands take one. */
  List<String> names() {
    return device.list();
  }

  /** Opens the one device for the calling thread, which must be the one that computes. */
  Device open() {
    if (names().size() > 1) {
      throw new OptionException(
          "this command computes on one device, not on "
              + device
              + "; generate and train diffusion take several GPUs");
    }
    return open(device.text());
  }

  /** The devices as one group, or null where one alone is named. */
  Group group() {
    return names().size() > 1 ? Devices.group(names()) : null;
  }

  /** Opens one of the devices for the calling thread. */
  Device open(String name) {
    return Devices.open(name, threads.count());
  }
}
