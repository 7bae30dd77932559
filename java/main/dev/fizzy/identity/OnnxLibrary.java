package dev.fizzy.identity;

import dev.fizzy.engine.EngineException;

/** Whether ONNX Runtime is on the class path: the archive of tools/dist is without it. */
public final class OnnxLibrary {
  private OnnxLibrary() {}

  public static boolean present() {
    try {
      Class.forName("ai.onnxruntime.OrtEnvironment", false, OnnxLibrary.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Throws if it is missing; to be called before any class that uses it is loaded. */
  public static void require() {
    if (!present()) {
      throw new EngineException(
          "this installation has no ONNX Runtime: put the onnxruntime jar of Maven Central"
              + " (com.microsoft.onnxruntime) into its folder lib");
    }
  }
}
