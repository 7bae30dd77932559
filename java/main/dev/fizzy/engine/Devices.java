package dev.fizzy.engine;

import dev.fizzy.engine.cpu.CpuDevice;

/** The devices there are, by name. */
public final class Devices {
  private Devices() {}

  /**
   * Opens a device for the calling thread, which must be the one that replays programs.
   *
   * @param threads that a processor may use
   */
  public static Device open(String name, int threads) {
    if (!name.equals("cpu")) {
      throw new EngineException("no device " + name + ", only cpu");
    }
    return new CpuDevice(threads);
  }
}
