package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.profile.Peak;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: what the machine can do at most: stored, measured, or given. */
final class PeakOptions {
  private static final Logger log = LoggerFactory.getLogger(PeakOptions.class);
  private static final String MEASURE = "measure";
  private static final List<String> NEEDED = List.of("f32", "bf16", "memory");
  private static final List<String> CACHES = List.of("l1", "l2", "l3");

  @Option(
      names = "--peak",
      paramLabel = "PEAK",
      description =
          "The machine's peak: `measure` measures it again, f32=GFLOPS,bf16=GFLOPS,memory=GBS sets"
              + " all or some of it, also l1, l2 and l3, the caches' bandwidths in GB/s; default:"
              + " measured once for this machine, level and number of threads, and kept in the cache"
              + " folder.")
  private String given;

  /** Says what is wrong with the option before anything is computed. */
  void check() {
    if (given != null && !given.equals(MEASURE)) {
      parse();
    }
  }

  /** The peak of a device. */
  Peak of(Device device) {
    if (given == null || given.equals(MEASURE)) {
      return measured(device, given != null);
    }
    Map<String, Double> set = parse();
    Peak rest = set.keySet().containsAll(NEEDED) ? null : measured(device, false);
    Map<String, Double> caches = new TreeMap<>(rest == null ? Map.of() : rest.caches());
    set.keySet().stream().filter(CACHES::contains).forEach(c -> caches.put(c, set.get(c)));
    return new Peak(
        device.description(),
        set.containsKey("f32") ? set.get("f32") : rest.f32(),
        set.containsKey("bf16") ? set.get("bf16") : rest.bf16(),
        set.containsKey("memory") ? set.get("memory") : rest.bandwidth(),
        caches,
        rest == null ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString() : rest.measured(),
        rest == null ? null : rest.load());
  }

  private Map<String, Double> parse() {
    Map<String, Double> set = new TreeMap<>();
    for (String part : given.split(",")) {
      String[] pair = part.split("=");
      boolean known = NEEDED.contains(pair[0]) || CACHES.contains(pair[0]);
      double value = pair.length == 2 && known ? number(pair[1]) : 0;
      if (!(value > 0 && value < 1e9)) {
        throw new OptionException(
            "--peak is `measure`, or f32=GFLOPS,bf16=GFLOPS,memory=GBS with positive numbers, not "
                + given);
      }
      set.put(pair[0], value * 1e9);
    }
    return set;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static Peak measured(Device device, boolean again) {
    Peak stored = again ? null : StoredPeaks.ofUser().find(device.description());
    if (stored != null) {
      return stored;
    }
    Peak peak = Peak.measure(device);
    if (peak.load().busy()) {
      log.warn(
          "the machine was busy while its peak was measured ({}): it is no basis for a floor and is"
              + " not kept; --peak sets a known one",
          peak.load());
    } else if (System.getenv(CpuDevice.PEAK_VARIABLE) == null) {
      StoredPeaks.ofUser().keep(peak);
    }
    return peak;
  }

  /** One line about a peak. */
  static String text(Peak peak) {
    return String.format(
        Locale.ROOT,
        "peak of this machine: f32 %.1f GFLOP/s, bf16 %.1f GFLOP/s, copy %.1f GB/s%s%s",
        peak.f32() / 1e9,
        peak.bf16() / 1e9,
        peak.bandwidth() / 1e9,
        peak.caches().entrySet().stream()
            .map(c -> String.format(Locale.ROOT, ", %s %.0f", c.getKey(), c.getValue() / 1e9))
            .collect(Collectors.joining()),
        peak.load() == null
            ? " (given)"
            : " (measured "
                + peak.measured()
                + (peak.load().busy() ? " on a busy machine: " + peak.load() : "")
                + ")");
  }
}
