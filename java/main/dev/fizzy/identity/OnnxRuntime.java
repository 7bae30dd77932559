package dev.fizzy.identity;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;

/** The process's one ONNX Runtime. */
public final class OnnxRuntime {
  /**
   * ONNX Runtime 1.29 starts with a recursion that grows with the process's command line: 6,000
   * characters of it overflow a Java thread's usual 1 MiB of stack, and the process dies.
   */
  private static final long STACK = 256L << 20;

  private static OrtEnvironment environment;

  private OnnxRuntime() {}

  public static synchronized OrtEnvironment environment() {
    if (environment == null) {
      OrtEnvironment[] made = new OrtEnvironment[1];
      Throwable[] failure = new Throwable[1];
      Thread thread =
          new Thread(
              null,
              () ->
                  made[0] =
                      OrtEnvironment.getEnvironment(
                          OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "fizzy"),
              "onnxruntime-start",
              STACK);
      thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
      thread.start();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      if (made[0] == null) {
        throw new IllegalStateException("ONNX Runtime does not start", failure[0]);
      }
      environment = made[0];
    }
    return environment;
  }

  public static String version() {
    return environment().getVersion();
  }
}
