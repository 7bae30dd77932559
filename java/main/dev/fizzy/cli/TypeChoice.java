package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A type of activations on the command line. */
enum TypeChoice {
  /** BF16 where the devices compute it, otherwise F32. */
  AUTO,
  F32,
  BF16,
  /** Where networks draw alone. */
  INT8;

  private static final Logger log = LoggerFactory.getLogger(TypeChoice.class);

  /** Throws if these devices cannot compute in it. */
  void check(List<String> devices) {
    if (this == INT8) {
      Devices.requireType(DType.INT8, devices);
    }
  }

  /** The type on these devices, which is checked. */
  DType on(List<String> devices) {
    check(devices);
    return switch (this) {
      case F32 -> DType.F32;
      case BF16 -> DType.BF16;
      case INT8 -> DType.INT8;
      case AUTO -> {
        DType type = Devices.compute(DType.BF16, devices) ? DType.BF16 : DType.F32;
        log.info("--type auto is {} here", type.name().toLowerCase(Locale.ROOT));
        yield type;
      }
    };
  }
}
