package dev.fizzy.cli;

import dev.fizzy.cli.MemoryPlan.Planned;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Division;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.report.ArenaPicture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "plan",
    description =
        "Prints the cost of a job before anything is allocated: parameters, FLOPs, memory traffic,"
            + " and all of its memory: an evaluation of a network, with --training a step of `fizzy"
            + " train`, with --sampling what `fizzy generate` needs, with --cluster a whole set on"
            + " many machines.",
    footer = {
      "",
      "Examples:",
      "  fizzy plan --config idiff-face --batch 8 --json",
      "  fizzy plan --config idiff-face --training --type bf16 --fit 24GB",
      "  fizzy plan --model default --training --distill 2 --batch 32",
      "  fizzy plan --config face112 --sampling --guidance 3 --batch 16 --measure",
      "  fizzy plan --network autoencoder --training --batch 8 --picture arena.svg",
      "  fizzy plan --model default --sampling --batch 16 --threads 8",
      "  fizzy plan --config face112-large --training --batch 64 --device cuda",
      "  fizzy plan --cluster 500 --images 12000000 --identities 240000 --rate 1.2 --slots 8",
      "  fizzy plan --cluster 100 --images 1000000 --rate 20 --image-bytes 40000 --per-tar 5000"
    })
final class PlanCommand implements Callable<Integer> {
  private static final int MOST = 1 << 14;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;
  @Mixin private SetPlanOptions set;

  @Option(
      names = "--sampling",
      description =
          "What `fizzy generate` needs: the U-Net and the decoder at this batch, on the CPU for a"
              + " worker a thread.")
  private boolean sampling;

  @Option(
      names = "--guidance",
      defaultValue = "1",
      paramLabel = "W",
      description =
          "With --sampling: weight of classifier-free guidance; any but 1 doubles the rows of the"
              + " U-Net, except in a distilled model; default: ${DEFAULT-VALUE}.")
  @Range
  private double guidance;

  @Option(
      names = "--fit",
      paramLabel = "SIZE",
      description = "Find the largest batch for this much memory, such as 24GB or 15.5GiB.")
  private MemorySize fit;

  @Option(
      names = "--measure",
      description = "Also allocate and run it twice, and print the most memory that was resident.")
  private boolean measure;

  @Option(
      names = "--picture",
      paramLabel = "FILE.svg",
      description =
          "Draw the arena of the first program over time: which tensor lies where, and when.")
  private Path picture;

  @Override
  public Integer call() {
    if (set.given()) {
      set.print(output);
      return 0;
    }
    network.check(devices);
    if (sampling && (network.training() || network.chosen())) {
      throw new OptionException(
          "--sampling plans the U-Net and the decoder; leave out --training and --network");
    }
    if (picture != null) {
      Outputs.checkFile(picture, ".svg");
    }
    try (Device device = devices.open()) {
      int batch = fit == null ? network.batch() : largest(device);
      MemoryPlan plan = plan(device, batch);
      Long measured = measure ? plan.measure(device) : null;
      if (picture != null) {
        String svg = ArenaPicture.svg(plan.programs().get(0).plan());
        AtomicFile.write(picture, svg.getBytes(StandardCharsets.UTF_8));
      }
      Peak peak = StoredPeaks.ofUser().find(device.description());
      Map<String, Object> fields = network.fields();
      fields.put("batch", batch);
      StoredTimes.Time last =
          sampling ? null : StoredTimes.ofUser().find(fields, device.description());
      fields.put("sampling", sampling);
      PlanTable table = new PlanTable(plan, batch, peak, last, measured);
      output.print(table.json(fields), table.text());
    }
    return 0;
  }

  private MemoryPlan plan(Device device, int batch) {
    if (!sampling) {
      return MemoryPlan.of(List.of(Planned.of(network.name(), network.work(batch), device)), 1);
    }
    int wanted = Division.of(devices.names(), Long.MAX_VALUE, devices.threads(), batch).workers();
    MemoryPlan plan = sampling(batch, wanted);
    int fit = device.threads() == 1 ? wanted : Workers.fitting(wanted, plan.activationBytes());
    return fit == wanted ? plan : sampling(batch, fit);
  }

  private MemoryPlan sampling(int batch, int workers) {
    try (Device device = Devices.open(devices.name(), devices.threads() / workers)) {
      ModelConfig config = network.model();
      boolean guided = guidance != 1 && config.network().guidance() == null;
      return MemoryPlan.sampling(device, config, network.type(), guided, batch, workers);
    }
  }

  /** The largest batch whose memory is at most {@link #fit}. */
  private int largest(Device device) {
    int fits = network.leastBatch();
    long least = plan(device, fits).bytes();
    if (least > fit.bytes()) {
      throw new EngineException(
          "even a batch of "
              + fits
              + " needs "
              + MemorySize.text(least)
              + ", more than the "
              + MemorySize.text(fit.bytes())
              + " of --fit");
    }
    int over = 2 * fits;
    while (over < MOST && plan(device, over).bytes() <= fit.bytes()) {
      fits = over;
      over *= 2;
    }
    while (over - fits > 1) {
      int middle = (fits + over) / 2;
      if (plan(device, middle).bytes() <= fit.bytes()) {
        fits = middle;
      } else {
        over = middle;
      }
    }
    return fits;
  }
}
