package dev.fizzy.engine;

import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.cuda.CudaDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Opens devices by name: {@code cpu}, {@code cuda}, {@code cuda:1}. */
public final class Devices {
  /** The name of the CPU. */
  public static final String CPU = "cpu";

  /** The name of the first GPU; a colon and a number select another. */
  public static final String CUDA = "cuda";

  /** The level of the plain kernels. */
  public static final String REFERENCE = "reference";

  private Devices() {}

  /** Opens the CPU with all its processors for the calling thread. */
  public static Device cpu() {
    return open(CPU, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Opens a device for the calling thread, which must be the one that replays programs.
   *
   * @param threads number of threads on the CPU
   */
  public static Device open(String name, int threads) {
    if (name.equals(CPU)) {
      return new CpuDevice(threads);
    }
    int gpu = gpu(name);
    if (gpu < 0) {
      throw new EngineException("no device " + name + ", only cpu, cuda and cuda:N");
    }
    return CudaDevices.open(gpu);
  }

  /** Throws if one of the GPUs among these devices cannot be used. */
  public static void check(List<String> names) {
    names.stream().mapToInt(Devices::gpu).filter(gpu -> gpu >= 0).forEach(CudaDevices::check);
  }

  /** The number of the GPU of that name, or -1. */
  private static int gpu(String name) {
    if (name.equals(CUDA)) {
      return 0;
    }
    return name.matches(CUDA + ":\\d{1,3}")
        ? Integer.parseInt(name.substring(CUDA.length() + 1))
        : -1;
  }

  /**
   * Devices that train one model together; all must be GPUs.
   *
   * @param names two or more
   */
  public static Group group(List<String> names) {
    int[] ordinals = names.stream().mapToInt(Devices::gpu).toArray();
    if (Arrays.stream(ordinals).anyMatch(ordinal -> ordinal < 0)) {
      throw new EngineException("only GPUs can train together, not " + names);
    }
    if (Arrays.stream(ordinals).distinct().count() < ordinals.length) {
      throw new EngineException("each GPU can be named only once, not as in " + names);
    }
    return CudaDevices.group(ordinals);
  }

  /**
   * Whether devices have instructions for a type of floating-point numbers; others are emulated.
   * All supported GPUs have those for BF16.
   */
  public static boolean compute(DType type, List<String> names) {
    return type == DType.F32 || names.stream().allMatch(n -> gpu(n) >= 0 || CpuDevice.hasBf16());
  }

  /** Throws if devices cannot compute in a type; all others are emulated. */
  public static void requireType(DType type, List<String> names) {
    if (type != DType.INT8) {
      return;
    }
    String gpu = names.stream().filter(n -> gpu(n) >= 0).findFirst().orElse(null);
    if (gpu != null) {
      throw new EngineException("int8 is computed on the CPU alone: on " + gpu + " give bf16");
    }
    if (!CpuDevice.hasBf16()) {
      throw new EngineException(
          "int8 needs a processor with AVX-512 BF16, and the level of this machine is "
              + level()
              + ": give bf16 or f32");
    }
  }

  /** The level in force on the processor. */
  public static String level() {
    return CpuDevice.level();
  }

  /** Forces an instruction-set level by name; throws if the processor lacks it. */
  public static void setLevel(String name) {
    CpuDevice.setLevel(name);
  }

  /** The processor's instruction-set levels that can be forced, lowest first. */
  public static List<String> levels() {
    return CpuDevice.levels();
  }

  /** One line for each GPU, or one line that says what is missing. */
  public static List<String> gpus() {
    try {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < CudaDevices.count(); i++) {
        lines.add(CUDA + ":" + i + " " + CudaDevices.describe(i));
      }
      return lines;
    } catch (EngineException e) {
      return List.of("no cuda: " + e.getMessage());
    }
  }
}
