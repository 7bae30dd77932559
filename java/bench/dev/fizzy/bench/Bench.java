package dev.fizzy.bench;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.rival.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares the speed of Fizzy's networks with the same networks on libtorch. */
@Command(
    name = "tools/bench",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Compares the speed of Fizzy's networks with the same networks on libtorch and ONNX"
          + " Runtime, by turns in one"
          + " process, with the same weights and inputs. Prints medians of every setting of the rivals"
          + " and the ratio to the fastest: libtorch in both memory formats, as it is usually written"
          + " and tuned (convolution weights packed once for oneDNN, attention in f32 if the rest is"
          + " bf16), and ONNX Runtime for forward passes in f32.",
      "A training step is forward, backward, Adam and the moving average of the weights, in"
          + " libtorch with its fused Adam.",
      "`tools/bench --since REV` compares this tree with another revision instead, by turns;"
          + " `tools/bench --since --help` lists its options.",
      "The rivals allocate every tensor with the process's allocator: jemalloc or tcmalloc is used"
          + " if it is installed. FIZZY_BENCH_ALLOCATOR=FILE selects another library, or glibc."
    },
    footer = {
      "",
      "Examples:",
      "  tools/bench --only 'residual.*f32'",
      "  tools/bench --only 'U-Net.*forward f32' --profile",
      "  tools/bench --recognizer iresnet50",
      "  tools/bench --formats /tmp --records 50000",
      "  tools/bench --memory",
      "  tools/bench --replay",
      "  tools/bench --busy 1 --rounds 3",
      "  tools/bench --since main --config face64 --batch 16",
      "  tools/bench --json > figures.json"
    })
public final class Bench implements Callable<Integer> {
  private static final int BUSY_IMAGES = 16;

  @Option(
      names = "--only",
      description = "run only the cases whose name matches this regular expression",
      defaultValue = "")
  String only;

  @Option(names = "--list", description = "print the cases and stop")
  boolean list;

  @Option(
      names = "--seconds",
      description = "time for each case in seconds (default: ${DEFAULT-VALUE})",
      defaultValue = "4")
  double seconds;

  @Option(names = "--profile", description = "also print Fizzy's time by operation")
  boolean profile;

  @Option(
      names = "--memory",
      description =
          "measure the peak resident memory of a training step instead, each engine in its own"
              + " process")
  boolean memory;

  @Option(
      names = "--replay",
      description = "measure the cost of a replay in Java instead: JMH with its gc profiler")
  boolean replay;

  @Option(
      names = "--recognizer",
      paramLabel = "CONFIG",
      description =
          "measure a recognizer's training step (ArcFace head, SGD) and its embeddings instead,"
              + " against libtorch and ONNX Runtime; for example iresnet50")
  String recognizer;

  @Option(
      names = "--batch",
      description = "batch size of the recognizer (default: ${DEFAULT-VALUE})",
      defaultValue = "32")
  int batch;

  @Option(
      names = "--formats",
      paramLabel = "DIR",
      description =
          "measure how fast data sets are written to that disk instead, against plain writing of"
              + " the same images, and read, against a JPEG decoder")
  Path formats;

  @Option(
      names = "--records",
      description = "number of images of a data set (default: ${DEFAULT-VALUE})",
      defaultValue = "50000")
  int records;

  @Option(
      names = "--busy",
      paramLabel = "N",
      description = "instead, images/s of fizzy generate alone and beside N busy processes")
  int busy;

  @Option(
      names = "--rounds",
      description = "rounds of the recognizer, the data sets or --busy (default: ${DEFAULT-VALUE})",
      defaultValue = "5")
  int rounds;

  @Option(names = "--json", description = "print one JSON document on stdout")
  boolean json;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    if (replay) {
      ReplayBenchmark.run();
      return 0;
    }
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("allocator", Allocator.name());
    System.err.println("allocator of this process: " + Allocator.name());
    if (recognizer != null) {
      recognizer(root);
    } else if (formats != null) {
      new Formats(formats, rounds).compare(root, records);
    } else if (busy > 0) {
      new BusyMachine(rounds, BUSY_IMAGES).compare(root, busy);
    } else if (memory) {
      PeakMemory.compare(root);
    } else {
      compare(root);
    }
    if (json) {
      System.out.println(mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root));
    }
    return 0;
  }

  private void recognizer(ObjectNode root) throws IOException {
    int threads = Integer.getInteger("fizzy.bench.threads", 2);
    Torch.setThreads(threads);
    try (Device device = new CpuDevice()) {
      root.put("device", device.description());
      RecognizerComparison comparison =
          new RecognizerComparison(device, recognizer, batch, rounds, threads);
      root.putPOJO("embeddings", comparison.embedding());
      root.putPOJO("training", comparison.training());
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private void compare(ObjectNode root) throws IOException {
    List<Case> cases =
        Case.all().stream().filter(c -> c.name().matches(".*(" + only + ").*")).toList();
    if (list || cases.isEmpty()) {
      Case.all().forEach(c -> System.out.println(c.name()));
      return;
    }
    Torch.setThreads(Integer.getInteger("fizzy.bench.threads", 2));
    try (Device device = new CpuDevice()) {
      System.err.printf(
          Locale.ROOT,
          "%s%npeak f32 %.0f GFLOP/s, copy %.1f GB/s%n",
          device.description(),
          device.peakFlops(DType.F32) / 1e9,
          device.peakBandwidth() / 1e9);
      root.put("device", device.description());
      root.put("peakGflops", device.peakFlops(DType.F32) / 1e9);
      root.put("copyGigabytes", device.peakBandwidth() / 1e9);
      System.err.printf(
          "%-52s %9s %9s %9s %6s %9s %-16s %s%n",
          "", "ours ms", "staged", "rival ms", "ratio", "GFLOP/s", "of peak", "fastest rival");
      Comparison comparison = new Comparison(device, seconds, profile);
      List<String> skipped = new ArrayList<>();
      for (Case c : cases) {
        double free = PeakMemory.available();
        if (free < c.gigabytes()) {
          skipped.add(c.name());
          System.err.printf(
              "%-52s skipped: needs %d GB, %.1f are free%n", c.name(), c.gigabytes(), free);
          continue;
        }
        Comparison.Result r = comparison.run(c);
        row(r);
        root.withArray("results").addPOJO(r);
      }
      skipped.forEach(root.withArray("skipped")::add);
    }
  }

  private static void row(Comparison.Result r) {
    System.err.printf(
        Locale.ROOT,
        "%-52s %9.1f %9s %9.1f %6.2f %9.1f %-16s %s%n",
        r.name(),
        r.ours(),
        Double.isNaN(r.staged()) ? "" : String.format(Locale.ROOT, "%.1f", r.staged()),
        r.rivals().get(r.fastest()),
        r.ratio(),
        r.gflops(),
        String.format(Locale.ROOT, "%3.0f %% of %s", 100 * r.ofFloor(), r.bound()),
        r.fastest());
    r.rivals().forEach((name, ms) -> System.err.printf(Locale.ROOT, "    %-48s %9.1f%n", name, ms));
  }
}
