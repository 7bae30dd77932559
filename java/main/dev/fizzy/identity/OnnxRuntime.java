package dev.fizzy.identity;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import dev.fizzy.engine.CacheFolder;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.NativeSetup;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The ONNX Runtime environment of the process. */
public final class OnnxRuntime {
  /**
   * ONNX Runtime 1.29 starts with a recursion whose depth grows with the command line of the
   * process: 6,000 characters overflow the usual 1 MiB stack of a Java thread, which kills the
   * process.
   */
  private static final long STACK = 256L << 20;

  private static final String FOLDER = "/ai/onnxruntime/native/linux-x64/";

  /** Where ONNX Runtime's own classes look for its libraries before they unpack them themselves. */
  private static final String PATH_PROPERTY = "onnxruntime.native.path";

  private static OrtEnvironment environment;

  private OnnxRuntime() {}

  public static synchronized OrtEnvironment environment() {
    if (environment == null) {
      NativeSetup.prepare();
      unpack();
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
        throw new EngineException(
            "ONNX Runtime does not start: "
                + reason(failure[0])
                + "; its temporary folder is "
                + System.getProperty("java.io.tmpdir")
                + ", JDK_JAVA_OPTIONS=-Djava.io.tmpdir=DIR names another",
            failure[0]);
      }
      environment = made[0];
    }
    return environment;
  }

  private static String reason(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first instanceof IOException e ? FileException.reason(e) : first.toString();
  }

  /**
   * Unpacks the libraries into the cache. ONNX Runtime would unpack temporary copies, which remain
   * if the process is killed.
   */
  private static void unpack() {
    if (System.getProperty(PATH_PROPERTY) != null) {
      return;
    }
    try {
      for (String name : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
        Path library = CacheFolder.unpack(OrtEnvironment.class, FOLDER + name);
        System.setProperty(PATH_PROPERTY, library.getParent().toString());
      }
    } catch (IOException e) {
      throw new EngineException("ONNX Runtime cannot be unpacked: " + e.getMessage(), e);
    }
  }

  public static String version() {
    return environment().getVersion();
  }
}
