package dev.fizzy.cli;

import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import java.util.List;

/** Device names of the command line, separated by commas. */
record DeviceNames(String text) {
  DeviceNames {
    for (String name : text.split(",", -1)) {
      if (!name.matches("cpu|" + Devices.CUDA + "(:\\d{1,3})?")) {
        throw new EngineException("no device " + name + ", only cpu, cuda and cuda:N");
      }
    }
  }

  List<String> list() {
    return List.of(text.split(","));
  }

  @Override
  public String toString() {
    return text;
  }
}
