package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.NativeSetup;
import org.bytedeco.javacpp.Loader;

/**
 * The entry point. Without a driver every class of the JavaCPP presets fails to load, permanently,
 * and {@link CudaDevice} refers to some of them. So this class, which refers to none, checks for
 * the driver first.
 */
public final class CudaDevices {
  private static final String DRIVER = "libcuda.so.1";
  private static final String INSTALL =
      "install CUDA 13 and cuDNN 9 from NVIDIA's packages (cuda-libraries-13-0, cudnn9-cuda-13,"
          + " libnccl2)";

  private CudaDevices() {}

  /** Opens a GPU for the calling thread; throws if something is missing. */
  public static Device open(int ordinal) {
    require();
    return CudaDevice.open(ordinal, null);
  }

  /** Throws if a GPU cannot be opened. */
  public static void check(int ordinal) {
    require();
    CudaInfo.of(ordinal).checkCapability();
  }

  /** GPUs that train together with NCCL. */
  public static Group group(int... ordinals) {
    require();
    load("NCCL", "org.bytedeco.cuda.global.nccl");
    return new NcclGroup(ordinals);
  }

  /** The number of GPUs. */
  public static int count() {
    require();
    return CudaInfo.count();
  }

  /** Name, compute capability, memory. */
  public static String describe(int ordinal) {
    require();
    return CudaInfo.of(ordinal).toString();
  }

  private static void require() {
    NativeSetup.prepare();
    try {
      Loader.loadGlobal(DRIVER);
    } catch (UnsatisfiedLinkError e) {
      throw new EngineException(
          "no NVIDIA driver, since "
              + DRIVER
              + " was not found: install the driver (580 or newer) and reboot, or use --device cpu",
          e);
    }
    load("the CUDA runtime", "org.bytedeco.cuda.global.cudart");
    CudaInfo.checkDriver();
    load("cuBLAS", "org.bytedeco.cuda.global.cublas");
    load("cuDNN", "org.bytedeco.cuda.global.cudnn");
    load("Fizzy's own library of CUDA kernels", "dev.fizzy.engine.cuda.CudaLibrary");
  }

  /** Loads the library that a class binds. The linker's message names the missing library. */
  private static void load(String what, String binding) {
    try {
      Class.forName(binding);
    } catch (ClassNotFoundException | LinkageError e) {
      Throwable cause =
          e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
      boolean ours = binding.startsWith("dev.fizzy");
      throw new EngineException(
          what
              + " cannot be loaded ("
              + cause.getMessage()
              + "): "
              + (ours ? "build again where nvcc (CUDA 13) is installed" : INSTALL)
              + ", or use --device cpu",
          e);
    }
  }
}
