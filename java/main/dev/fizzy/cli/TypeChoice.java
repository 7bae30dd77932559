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
  BF16;

  private static final Logger log = LoggerFactory.getLogger(TypeChoice.class);

  /** The type on these devices. */
  DType on(List<String> devices) {
    return switch (this) {
      case F32 -> DType.F32;
      case BF16 -> DType.BF16;
      case AUTO -> {
        DType type = Devices.compute(DType.BF16, devices) ? DType.BF16 : DType.F32;
        log.info("--type auto is {} here", type.name().toLowerCase(Locale.ROOT));
        yield type;
      }
    };
  }
}
