package dev.fizzy.engine.cpu;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Memory;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.profile.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CPU: hand-written kernels for each instruction-set level, oneDNN for convolutions and matrix
 * products.
 */
public final class CpuDevice implements Device {
  private static final Logger log = LoggerFactory.getLogger(CpuDevice.class);

  /** Caps the level, for example FIZZY_CPU_LEVEL=avx2. */
  public static final String LEVEL_VARIABLE = "FIZZY_CPU_LEVEL";

  /**
   * How long a peak is measured, 1 second by default; tests set less, and such a peak is not kept.
   */
  public static final String PEAK_VARIABLE = "FIZZY_PEAK_SECONDS";

  /** 16 lanes on AVX2, for tests only. */
  private static final String TEST_LEVEL = "wide";

  private static final int CACHE_LEVELS = 3;
  private static final Set<String> BF16_LEVELS = Set.of("avx512_bf16", "amx");

  private static final Map<DType, Double> PEAK_FLOPS = new ConcurrentHashMap<>();

  private static double peakBandwidth;

  private final DeviceKernels kernels = new DeviceKernels(Native.cpu_backend());
  private final int threads;

  public CpuDevice() {
    this(Native.threads());
  }

  /**
   * @param threads number of threads for kernels started by the calling thread
   */
  public CpuDevice(int threads) {
    OneDnnKernels.addTo(kernels);
    Native.set_threads(threads);
    this.threads = threads;
    capLevel();
    if (log.isDebugEnabled()) {
      log.debug("{}", description());
    }
  }

  private static void capLevel() {
    String cap = System.getenv(LEVEL_VARIABLE);
    if (cap != null && !cap.isBlank()) {
      setLevel(cap);
    }
  }

  /** Whether the level that devices are opened at has instructions for bf16. */
  public static boolean hasBf16() {
    capLevel();
    return BF16_LEVELS.contains(level());
  }

  /** The instruction-set levels of this machine above the reference, lowest first. */
  public static List<String> levels() {
    List<String> names = new ArrayList<>();
    for (int level = 1; level <= Native.cpu_level_available(); level++) {
      String name = Native.cpu_level_name(level).getString();
      if (!name.equals(TEST_LEVEL)) {
        names.add(name);
      }
    }
    return names;
  }

  /** The level in force. */
  public static String level() {
    return Native.cpu_level_name(Native.cpu_level()).getString();
  }

  /** Forces an instruction-set level by name; throws if the machine lacks it. */
  public static void setLevel(String name) {
    for (int level = 0; level < Native.cpu_level_count(); level++) {
      if (Native.cpu_level_name(level).getString().equals(name)) {
        try {
          Native.set_cpu_level(level);
        } catch (RuntimeException e) {
          throw new EngineException(e.getMessage(), e);
        }
        return;
      }
    }
    throw new EngineException(
        "no instruction-set level "
            + name
            + "; this machine's best is "
            + Native.cpu_level_name(Native.cpu_level_available()).getString());
  }

  @Override
  public String name() {
    return Devices.CPU;
  }

  @Override
  public String description() {
    return "cpu "
        + Native.cpu_level_name(Native.cpu_level()).getString()
        + ", "
        + threads
        + " threads, "
        + Native.cpu_model().getString()
        + ", oneDNN "
        + Native.onednn_version().getString()
        + ", "
        + Native.openmp_library().getString();
  }

  @Override
  public Memory allocate(long bytes) {
    return new CpuMemory(bytes);
  }

  @Override
  public Kernel prepare(Operation operation, Weights weights) {
    return kernels.prepare(operation, weights);
  }

  @Override
  public boolean fusesUpsampling() {
    return true;
  }

  @Override
  public void synchronize() {
    // Kernels return only when their work is done.
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public double threadSeconds() {
    return Native.process_seconds() / threads;
  }

  @Override
  public Counters counters() {
    return new CpuCounters();
  }

  @Override
  public double peakFlops(DType type) {
    return PEAK_FLOPS.computeIfAbsent(type, t -> Native.measure_peak_flops(t.code, peakSeconds()));
  }

  @Override
  public double peakBandwidth() {
    return measuredBandwidth();
  }

  /** Measured at first use. */
  private static synchronized double measuredBandwidth() {
    if (peakBandwidth == 0) {
      peakBandwidth = Native.measure_peak_bandwidth(peakSeconds());
    }
    return peakBandwidth;
  }

  private static double peakSeconds() {
    return peakSeconds(System.getenv().getOrDefault(PEAK_VARIABLE, "1"));
  }

  /** Parses the value of {@link #PEAK_VARIABLE}. */
  static double peakSeconds(String value) {
    try {
      double seconds = Double.parseDouble(value);
      if (seconds > 0 && seconds < Double.POSITIVE_INFINITY) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new EngineException(
        "the environment variable "
            + PEAK_VARIABLE
            + " must be a number of seconds above 0, such as 1, not '"
            + value
            + "'");
  }

  @Override
  public Map<String, Double> cacheBandwidths() {
    double seconds = peakSeconds();
    Map<String, Double> measured = new TreeMap<>();
    for (int level = 1; level <= CACHE_LEVELS; level++) {
      double bandwidth = Native.measure_cache_bandwidth(level, seconds);
      if (bandwidth > 0) {
        measured.put("l" + level, bandwidth);
      }
    }
    return measured;
  }

  @Override
  public void close() {
    // Nothing to release.
  }
}
