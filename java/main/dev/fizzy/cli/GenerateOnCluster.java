package dev.fizzy.cli;

import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.ManifestCommit;
import dev.fizzy.cluster.Output;
import dev.fizzy.cluster.ShardJob;
import dev.fizzy.cluster.Shipped;
import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.DatasetFormat;
import dev.fizzy.dataset.write.DatasetRun;
import dev.fizzy.dataset.write.GeneratedRows;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The driver of {@code generate --cluster}. */
final class GenerateOnCluster {
  /** Options with files that the workers need. */
  private static final List<String> FILES = List.of("--model", "--guide-model", "--embedder");

  /** Those with contexts, which may be folders or have names in a file beside them. */
  private static final List<String> CONTEXTS = List.of("--contexts", "--negatives");

  private static final String PER_TAR = "--per-tar";

  private GenerateOnCluster() {}

  static void run(GenerateCommand command, ClusterOptions options, JsonOutput output)
      throws Exception {
    long begin = System.nanoTime();
    CommandSpec spec = output.command().getCommandSpec();
    String out = Resent.text(spec, "--out");
    try (SamplingOptions.Opened model = command.sampling().open(List.of(Devices.CPU));
        Cluster cluster = options.open(spec.name())) {
      DatasetRun run = command.run(model);
      int wanted = options.parts(run.images(), 1);
      DatasetFormat format = command.datasetFormat((run.images() - 1) / wanted + 1);
      long unit = format instanceof Container.Format packed ? packed.unit() : 1;
      int parts = options.parts((run.images() + unit - 1) / unit, unit);
      ShardJob job =
          new ShardJob(
              "generate",
              out,
              run.json(format, parts),
              parts,
              run.images(),
              work(
                  spec,
                  arguments(spec, model.choice(), unit),
                  cluster,
                  parts,
                  run.json(format, parts).toString()),
              command.onGpu(),
              command.check(),
              options.allowMixed());
      GeneratedRows rows =
          new GeneratedRows(
              run.imagesPerIdentity(), GenerateCommand.identities(model), command.encoding());
      ShardJob.Result result =
          job.run(
              cluster,
              new ManifestCommit(parts, rows),
              before -> new ProgressReporter("generate", "images", run.images(), before));
      double evaluations = command.evaluations(model);
      report(result, evaluations, cluster.output(result.location()), begin, output);
    }
  }

  private static GenerateWork work(
      CommandSpec spec, List<String> arguments, Cluster cluster, int parts, String run) {
    Map<String, Shipped> files = new LinkedHashMap<>();
    for (String name : FILES) {
      OptionSpec option = spec.findOption(name);
      if (option.getValue() != null) {
        files.put(name, Shipped.of(cluster, option.getValue()));
      }
    }
    for (String name : CONTEXTS) {
      OptionSpec option = spec.findOption(name);
      if (option.getValue() != null) {
        files.put(name, contexts(cluster, option.getValue()));
      }
    }
    return new GenerateWork(arguments, files, parts, run);
  }

  /**
   * The command line of the workers, which get the files apart.
   *
   * @param unit images of a tar file
   */
  static List<String> arguments(CommandSpec spec, SamplingChoice choice, long unit) {
    Set<String> without = new HashSet<>(ClusterOptions.placing());
    without.addAll(FILES);
    without.addAll(CONTEXTS);
    without.add(PER_TAR);
    if (choice.spacing() == null) {
      without.add("--spacing"); // the user's default, which this sampler does not have
    }
    List<String> arguments = Resent.arguments(spec, without);
    arguments.add(PER_TAR + "=" + unit);
    return arguments;
  }

  private static Shipped contexts(Cluster cluster, Path given) {
    try {
      Path file = Files.createTempFile("fizzy-contexts", ".safetensors");
      try {
        Contexts.read(given).write(file);
        return Shipped.of(cluster, file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new FileException("cannot write a temporary file: " + FileException.reason(e), e);
    }
  }

  private static void report(
      ShardJob.Result result, double evaluations, Output set, long begin, JsonOutput output)
      throws IOException {
    double seconds = (System.nanoTime() - begin) / 1e9;
    long images = result.items() - result.itemsBefore();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", result.location());
    json.put("images", images);
    json.put("images_before", result.itemsBefore());
    json.put("bytes", result.bytes());
    json.put("parts", result.shards());
    json.put("parts_before", result.shardsBefore());
    json.put("seconds", seconds);
    json.put("images_per_second", images / seconds);
    json.put("evaluations", evaluations);
    output.keepDataset(set, images, begin, "Apache Spark; " + result.processors(), json);
    output.print(
        json,
        String.format(
            Locale.ROOT,
            "%d images in %d parts in %s (%d images from earlier runs), %.1f images/s",
            images,
            result.shards(),
            result.location(),
            result.itemsBefore(),
            images / seconds));
  }
}
