package dev.fizzy.engine.cuda;

import dev.fizzy.engine.EngineException;
import java.util.Locale;
import org.bytedeco.cuda.global.cudart;

/** Turns statuses of the CUDA runtime into exceptions. */
final class Cuda {
  static final int OUT_OF_MEMORY = 2;
  static final int NO_DEVICE = 100;

  private Cuda() {}

  /**
   * @param the current action, as "copying to the GPU"
   */
  static void check(int status, String what) {
    if (status != 0) {
      throw failure(status, what);
    }
  }

  static EngineException failure(int status, String what) {
    String error =
        cudart.cudaGetErrorString(status).getString()
            + " ("
            + cudart.cudaGetErrorName(status).getString()
            + ")";
    if (status == OUT_OF_MEMORY) {
      return new EngineException(
          what + ": the GPU's memory is used up, " + error + "; a smaller --batch needs less");
    }
    return stopped(what + ", " + error, null);
  }

  /** For errors after which the context is lost: every later call would fail too. */
  static EngineException stopped(String error, Throwable cause) {
    return new EngineException(
        "the GPU stopped: "
            + error
            + "; files saved before are complete, so run the command again, with --resume if it"
            + " trains, and look at dmesg for Xid lines",
        cause);
  }

  /** 13.0 for 13000. */
  static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}
