package dev.fizzy.engine.cuda;

import dev.fizzy.engine.kernels.Native;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Our kernels for GPUs: {@code libfizzy_cuda.so}, which exists if nvcc was available at build time.
 * It is loaded with this class, only when a GPU is opened, so that Fizzy runs on machines without
 * CUDA.
 */
final class CudaLibrary {
  private static final String NAME = "fizzy_cuda";
  private static final String PATH = load();

  private CudaLibrary() {}

  /** From the jar, or where {@code org.bytedeco.javacpp.platform.linkpath} says. */
  private static String load() {
    Class<?> here = CudaLibrary.class;
    ClassProperties properties = Loader.loadProperties(here, Loader.loadProperties(), true);
    return Loader.loadLibrary(here, Loader.findLibrary(here, properties, NAME), NAME);
  }

  /**
   * @param stream the stream for all launches
   */
  static Native.Backend backend(Pointer stream) {
    return Native.cuda_backend(PATH, stream);
  }
}
