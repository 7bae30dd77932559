package dev.fizzy.cli;

import dev.fizzy.cluster.SetPlan;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: planning a whole set on a cluster. */
final class SetPlanOptions {
  private static final double MIB = 1 << 20;

  @Option(
      names = "--cluster",
      paramLabel = "MACHINES",
      description =
          "Plan a set that `fizzy generate --cluster` draws on so many machines: parts, bytes,"
              + " hours, and what a lost machine costs; needs --images and --rate.")
  @Range(min = 1, max = 1_000_000)
  private Integer machines;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "With --cluster: images of the whole set.")
  @Range(min = 1, max = Integer.MAX_VALUE)
  private Integer images;

  @Option(
      names = "--identities",
      paramLabel = "N",
      description = "With --cluster: identities of the set; --images must be a multiple.")
  @Range(min = 1)
  private Integer identities;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "With --cluster: images/s of a task, as `fizzy generate --threads 1` prints.")
  @Range(above = 0)
  private Double rate;

  @Option(
      names = "--slots",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "With --cluster: tasks that a machine runs at a time, one for each core or GPU; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1, max = 4096)
  private int slots;

  @Option(
      names = "--image-bytes",
      defaultValue = "8192",
      paramLabel = "BYTES",
      description = "With --cluster: size of an encoded image; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = 1 << 26)
  private int imageBytes;

  @Option(
      names = "--per-tar",
      paramLabel = "N",
      description = "With --cluster: images of a tar file; default: as many as a part has.")
  @Range(min = 1)
  private Integer perTar;

  boolean given() {
    if (machines == null && (images != null || identities != null || rate != null)) {
      throw new OptionException("--images, --identities and --rate need --cluster MACHINES");
    }
    if (machines != null && (images == null || rate == null)) {
      throw new OptionException("--cluster MACHINES needs --images N and --rate R");
    }
    if (machines != null && identities != null && images % identities != 0) {
      throw new OptionException(
          "--images must be a multiple of the " + identities + " identities, not " + images);
    }
    return machines != null;
  }

  void print(JsonOutput output) {
    SetPlan plan = new SetPlan(images, parts(), slots * machines, machines, rate, imageBytes);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("images", images);
    json.put("parts", plan.parts());
    json.put("slots", plan.slots());
    json.put("bytes", plan.bytes());
    json.put("manifest_bytes", plan.manifestBytes());
    json.put("requests", plan.requests());
    json.put("part_seconds", plan.partSeconds());
    json.put("seconds", plan.seconds());
    json.put("lost_images", plan.lostImages());
    if (identities != null) {
      json.put("images_per_identity", images / identities);
    }
    output.print(json, text(plan));
  }

  /** The parts that {@code fizzy generate --cluster} makes by default. */
  private int parts() {
    int wanted = ClusterOptions.defaultParts(images, 1);
    int unit = perTar == null ? FormatOptions.perTar((images - 1) / wanted + 1) : perTar;
    return ClusterOptions.defaultParts((images + unit - 1L) / unit, unit);
  }

  private String text(SetPlan plan) {
    return String.format(
        Locale.ROOT,
        """
        %d images in %d parts of %.0f, %d at a time on %d machines
        files           %.1f MiB, manifests %.1f MiB, %d requests to the file system
        a part          %.1f min, %.1f MiB
        all             %.2f h
        a lost machine  %.0f images are drawn again""",
        plan.images(),
        plan.parts(),
        (double) plan.images() / plan.parts(),
        plan.slots(),
        plan.machines(),
        plan.bytes() / MIB,
        plan.manifestBytes() / MIB,
        plan.requests(),
        plan.partSeconds() / 60,
        plan.bytes() / MIB / plan.parts(),
        plan.seconds() / 3600,
        plan.lostImages());
  }
}
