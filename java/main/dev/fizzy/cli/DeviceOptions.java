package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Division;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Workers;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongBiFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: the device and the number of threads. */
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

  /** Names of the devices; most commands take one. */
  List<String> names() {
    return device.list();
  }

  boolean onGpu() {
    return !names().equals(List.of(Devices.CPU));
  }

  /** Opens the only device for the calling thread, which must be the one that computes. */
  Device open() {
    return Devices.open(name(), threads.count());
  }

  /** The name of the only device. */
  String name() {
    if (names().size() > 1) {
      throw new OptionException(
          "this command takes one device, not "
              + device
              + "; generate, sample, contexts two-stage, train diffusion and autoregressive take several"
              + " GPUs");
    }
    return device.text();
  }

  /** The devices as one group, or null if there is only one. */
  Group group() {
    return names().size() > 1 ? Devices.group(names()) : null;
  }

  /** The same; throws if the devices cannot share a batch of this size equally. */
  Group group(int batch) {
    Group group = group();
    if (group != null && batch % group.ranks() != 0) {
      throw new OptionException(
          "--batch "
              + batch
              + " cannot be divided among "
              + group.ranks()
              + " GPUs in equal parts");
    }
    return group;
  }

  /**
   * Opens workers on the devices.
   *
   * @param items that they will compute together
   * @param largest batch; null for one that suits the devices
   * @param open opens a network of a batch size
   * @param bytes that a network of a batch size takes on a device
   */
  <T extends Workers.Network<T>> Workers<T> workers(
      long items,
      Integer largest,
      BiFunction<Device, Integer, T> open,
      ToLongBiFunction<Device, Integer> bytes) {
    if (largest != null || names().equals(List.of(Devices.CPU))) {
      return workers(items, largest == null ? BatchSize.CPU : largest, open);
    }
    long each = (items - 1) / names().size() + 1;
    return Workers.on(
        names(),
        names().size(),
        threads(),
        device ->
            open.apply(
                device,
                BatchSize.fitting(
                    device.freeBytes(), each, batch -> bytes.applyAsLong(device, batch))));
  }

  /** The same with a largest batch. */
  <T extends Workers.Network<T>> Workers<T> workers(
      long items, int largest, BiFunction<Device, Integer, T> open) {
    Division division = Division.of(names(), items, threads(), largest);
    return Workers.on(
        names(), division.workers(), threads(), device -> open.apply(device, division.batch()));
  }
}
