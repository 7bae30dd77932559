package dev.fizzy.cli;

import dev.fizzy.dataset.write.DatasetFormat;
import dev.fizzy.dataset.write.DatasetRun;
import dev.fizzy.dataset.write.DatasetWriter;
import dev.fizzy.dataset.write.FolderNames;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.ChoiceLog;
import dev.fizzy.generation.Drawing;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.Generator;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Embedder;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    description = "Generates a data set. If interrupted, run it again to continue.",
    footer = {
      "",
      "Example:",
      "  fizzy contexts uniform --count 1000 --seed 5 --out c.npy",
      "  fizzy generate --contexts c.npy --images 50 --seed 9 --out faces/ --type bf16 --shard 1/4",
      "  fizzy generate --contexts c.npy --images 50 --out faces/ --profile trace/",
      "  fizzy generate --contexts c.npy --images 50 --guidance 3 --perturb .6 --out varied/",
      "  fizzy generate --contexts c.npy --images 50 --keep 2/8 --embedder mobilefacenet.onnx --out"
          + " best/",
      "  fizzy generate --contexts c.npy --images 50 --seed 9 --out train/ --format recordio"
          + " --encoding jpeg",
      "  fizzy generate --contexts c.npy --images 50 --out hdfs://host/faces --format webdataset"
          + " --type bf16 --cluster spark://host:7077",
      "",
      "Formats: folder writes DIR/identity/00000.png. recordio writes train.rec, train.idx and"
          + " property, the format that InsightFace trains on; for a set in shards, `cat"
          + " train-*.rec` gives train.rec, and `fizzy make index` writes its index. webdataset"
          + " writes faces-000000.tar and so on; the files of all shards together are the set. With"
          + " --device cuda:0,cuda:1 several GPUs share the batches."
    })
final class GenerateCommand implements Callable<Integer> {
  @Mixin private SamplingOptions sampling;
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Option(names = "--images", required = true, description = "Images per identity.")
  @Range(min = 1)
  private int images;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the data set.")
  private Path out;

  @Option(
      names = "--shard",
      defaultValue = "1/1",
      paramLabel = "I/N",
      description =
          "Generate only part I of N; shards may share a folder; default: ${DEFAULT-VALUE}.")
  private Shard shard;

  @Mixin private FormatOptions format;
  @Mixin private TraceOptions trace;

  @Option(
      names = "--encoding",
      defaultValue = "png",
      description =
          "Image format: png, jpeg or jpeg:QUALITY (1 to 100); default: ${DEFAULT-VALUE}.")
  private ImageWriter encoding;

  @Option(
      names = "--check",
      description = "When resuming, verify the checksum of every image that was written before.")
  private boolean check;

  @Mixin private BestOptions best;

  @Mixin private ClusterOptions cluster;

  @Override
  public Integer call() throws Exception {
    trace.check();
    best.check(images);
    if (shard.count() > 1) {
      sampling.requireType("--shard " + shard);
    }
    if (cluster.given()) {
      checkForCluster();
      GenerateOnCluster.run(this, cluster, output);
    } else {
      generate();
    }
    return 0;
  }

  private void generate() {
    try (SamplingOptions.Opened model = sampling.open(devices);
        Embedder embedder = best.open(devices, model.contexts().width())) {
      ImageConditions conditions = sampling.conditions(model, devices.threads());
      List<String> names = identities(model);
      try (DatasetWriter writer = writer(run(model), names, out, shard, devices.threads());
          Workers<FaceSampler> samplers =
              sampling.workers(model, devices, faces(writer.remaining()))) {
        draw(model, conditions, embedder, writer, samplers);
      }
    }
  }

  private void checkForCluster() {
    sampling.requireType("--cluster");
    sampling.requireOneModel("--cluster");
    if (shard.count() > 1 || trace.wanted()) {
      throw new OptionException(
          "--cluster excludes " + (trace.wanted() ? "--profile" : "--shard; see --parts"));
    }
    if (best.given() && onGpu()) {
      throw new OptionException("--keep with --cluster needs --device cpu");
    }
  }

  boolean onGpu() {
    return devices.onGpu();
  }

  boolean check() {
    return check;
  }

  SamplingOptions sampling() {
    return sampling;
  }

  DatasetFormat datasetFormat() {
    return format.format();
  }

  /** The format of a set in parts of about so many images. */
  DatasetFormat datasetFormat(long images) {
    return format.ofParts(images);
  }

  ImageWriter encoding() {
    return encoding;
  }

  Embedder embedder(SamplingOptions.Opened model) {
    return best.open(devices, model.contexts().width());
  }

  /** Everything that determines the images. */
  DatasetRun run(SamplingOptions.Opened model) {
    return new DatasetRun(
        sampling.seed(),
        model.file().sha256(),
        model.contexts().sha256(),
        model.choice().samplerName(),
        model.choice().steps(),
        model.choice().guidance(),
        model.contexts().size(),
        images,
        model.size(),
        encoding.name(),
        settings(model));
  }

  /** Evaluations of the network for an image of the set, with its share of all candidates. */
  double evaluations(SamplingOptions.Opened model) {
    return sampling.evaluations(model) * best.candidates();
  }

  static List<String> identities(SamplingOptions.Opened model) {
    return FolderNames.of(model.contexts().names());
  }

  DatasetWriter writer(
      DatasetRun run, List<String> identities, Path folder, Shard part, int threads) {
    return DatasetWriter.open(
        folder, run, identities, encoding, format.format(), part, check, threads);
  }

  private Map<String, Object> settings(SamplingOptions.Opened model) {
    Map<String, Object> settings = sampling.settings(model);
    best.addTo(settings);
    return settings;
  }

  /** Candidates of a group belong into one batch, which is therefore not made smaller. */
  long faces(long images) {
    return best.given() ? Long.MAX_VALUE : images;
  }

  /** Draws the images that a writer lacks and completes its part. */
  void draw(
      ImageConditions conditions,
      Embedder embedder,
      Path folder,
      Shard part,
      DatasetWriter writer,
      Workers<FaceSampler> samplers,
      LongConsumer progress) {
    ChoiceLog log = best.given() ? BestOptions.log(folder, part) : null;
    Drawing drawing = log == null ? conditions : best.drawing(conditions, embedder, log);
    try (writer) {
      new Generator(drawing, writer, sampling.seed(), progress).run(samplers);
    }
    if (log != null) {
      log.finish();
    }
  }

  private void draw(
      SamplingOptions.Opened model,
      ImageConditions conditions,
      Embedder embedder,
      DatasetWriter writer,
      Workers<FaceSampler> samplers) {
    long begin = System.nanoTime();
    long before = writer.total() - writer.remaining();
    try (TraceOptions recorded = trace.start();
        ProgressReporter progress =
            new ProgressReporter("generate", "images", writer.total(), before)) {
      draw(conditions, embedder, out, shard, writer, samplers, progress);
    }
    report(model, writer.figures(), before, begin, samplers.count());
  }

  private void report(
      SamplingOptions.Opened model,
      DatasetWriter.Figures figures,
      long before,
      long begin,
      int workers) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    double rate = figures.images() / seconds;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("images", figures.images());
    json.put("images_before", before);
    json.put("bytes", figures.bytes());
    json.put("seconds", seconds);
    json.put("images_per_second", rate);
    json.put("evaluations", evaluations(model));
    double waiting = figures.waitingShare(seconds, workers);
    json.put("writing_share", waiting);
    output.keepDataset(out, shard, figures.images(), begin, devices.threads(), json);
    output.print(
        json,
        String.format(
            Locale.ROOT,
            "%d images in %s (%d from earlier runs), %.1f images/s; waiting for the writer took"
                + " %.1f %% of the time",
            figures.images(),
            out,
            before,
            rate,
            100 * waiting));
  }
}
