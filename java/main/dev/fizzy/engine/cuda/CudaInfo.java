package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrMultiProcessorCount;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;

import dev.fizzy.engine.EngineException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Properties of a GPU.
 *
 * @param capability compute capability, 10 major + minor
 * @param memory bytes
 */
record CudaInfo(int ordinal, String name, int capability, int multiprocessors, long memory) {
  /** The minimum CUDA version of the driver: 1000 major + 10 minor. */
  private static final int DRIVER = 13000;

  /** The kernels use cp.async and bf16 tensor cores, which Ampere introduced. */
  private static final int CAPABILITY = 80;

  /** A driver supports every CUDA version up to its own; Fizzy needs 13. */
  static void checkDriver() {
    int version = driver();
    if (version < DRIVER) {
      throw new EngineException(
          "the NVIDIA driver supports CUDA "
              + Cuda.version(version)
              + " and 13.0 is needed: update it to 580 or newer, or use --device cpu");
    }
  }

  static int count() {
    int[] count = new int[1];
    int status = cudaGetDeviceCount(count);
    if (status == Cuda.NO_DEVICE || count[0] == 0) {
      throw new EngineException(
          "the NVIDIA driver is there but sees no GPU: look at nvidia-smi and at"
              + " CUDA_VISIBLE_DEVICES, or use --device cpu");
    }
    Cuda.check(status, "counting GPUs");
    return count[0];
  }

  static CudaInfo of(int ordinal) {
    int count = count();
    if (ordinal >= count) {
      throw new EngineException(
          "no GPU " + ordinal + ": this machine has " + count + ", counted from cuda:0");
    }
    byte[] name = new byte[256];
    cuDeviceGetName(name, name.length, ordinal);
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    try (SizeTPointer memory = new SizeTPointer(1)) {
      cuDeviceTotalMem(memory, ordinal);
      return new CudaInfo(
          ordinal,
          new String(name, 0, end, StandardCharsets.UTF_8),
          10 * attribute(cudaDevAttrComputeCapabilityMajor, ordinal)
              + attribute(cudaDevAttrComputeCapabilityMinor, ordinal),
          attribute(cudaDevAttrMultiProcessorCount, ordinal),
          memory.get());
    }
  }

  /** What choices depend on: the kind of GPU and the driver. */
  String kind() {
    return name + ", " + dotted() + ", driver " + driver();
  }

  private static int driver() {
    int[] version = new int[1];
    Cuda.check(cudaDriverGetVersion(version), "reading the driver's version");
    return version[0];
  }

  /** Rejects a GPU for which no kernel is built. */
  void checkCapability() {
    if (capability < CAPABILITY) {
      throw new EngineException(
          "GPU "
              + ordinal
              + ", "
              + name
              + ", has compute capability "
              + dotted()
              + ", and the kernels need 8.0 or newer (A100, RTX 30 and later): use"
              + " --device cpu");
    }
  }

  /** Rejects a GPU and a driver for which the library of our kernels has no code. */
  void checkCode(MachineCode code) {
    String reason = code.refusal(capability, driver());
    if (reason != null) {
      throw new EngineException("GPU " + ordinal + ", " + name + ": " + reason);
    }
  }

  private static int attribute(int attribute, int ordinal) {
    int[] value = new int[1];
    Cuda.check(
        cudaDeviceGetAttribute(value, attribute, ordinal), "reading the properties of a GPU");
    return value[0];
  }

  private String dotted() {
    return capability / 10 + "." + capability % 10;
  }

  @Override
  public String toString() {
    return name
        + ", compute capability "
        + dotted()
        + ", "
        + multiprocessors
        + " multiprocessors, "
        + Cuda.gib(memory);
  }
}
