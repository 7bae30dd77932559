package dev.fizzy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.Output;
import dev.fizzy.cluster.ShardJob;
import dev.fizzy.cluster.Shipped;
import dev.fizzy.cluster.Slot;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Embedder;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** The driver of {@code embed --cluster}. */
final class EmbedOnCluster implements ShardJob.Commit {
  /** Lists that are read at the same time; an object store answers slowly. */
  private static final int READERS = 8;

  private final EmbedCommand command;
  private final ImageSource images;
  private final CommandSpec spec;
  private final List<Skipped> skipped;
  private final int parts;
  private final String set;
  private final ObjectNode run;

  private EmbedOnCluster(
      EmbedCommand command, ImageSource images, CommandSpec spec, ClusterOptions options) {
    this.command = command;
    this.parts =
        options.parts((images.count() + EmbedWork.UNIT - 1) / EmbedWork.UNIT, EmbedWork.UNIT);
    this.images = images;
    this.spec = spec;
    this.skipped = Collections.synchronizedList(new ArrayList<>(images.skipped()));
    this.set = SharedInput.images(command.faces(), images);
    this.run = describe();
  }

  static void run(EmbedCommand command, ClusterOptions options, ContextsOutput output)
      throws Exception {
    try (ImageSource images = command.images()) {
      CommandSpec spec = output.command().getCommandSpec();
      EmbedOnCluster job = new EmbedOnCluster(command, images, spec, options);
      try (Cluster cluster = options.open("embed")) {
        job.run(cluster, options, output);
      }
    }
  }

  private void run(Cluster cluster, ClusterOptions options, ContextsOutput output)
      throws Exception {
    long begin = System.nanoTime();
    ShardJob job =
        new ShardJob(
            "embed",
            Resent.text(spec, "--out"),
            run,
            parts,
            images.count(),
            work(cluster),
            command.embedder().onGpu(),
            false,
            options.allowMixed());
    ShardJob.Result result =
        job.run(
            cluster,
            this,
            before -> new ProgressReporter("embed", "faces", images.count(), before));
    report(result, begin, output);
  }

  /** Everything that determines the vectors. */
  private ObjectNode describe() {
    ObjectNode described = JsonNodeFactory.instance.objectNode();
    Path file = command.embedder().file();
    try (Embedder network = command.embedder().open(file, new Slot(Devices.CPU, 1))) {
      described.put("embedder", Sha256.of(file));
      described.put("preset", network.preset().name()).put("width", network.width());
    }
    Set<String> without = Set.of("--embedder", "--faces", "--out");
    described.put("options", String.join(" ", arguments(without)));
    return described.put("images", images.count()).put("set", set).put("parts", parts);
  }

  private List<String> arguments(Set<String> without) {
    Set<String> all = new HashSet<>(ClusterOptions.placing());
    all.addAll(without);
    return Resent.arguments(spec, all);
  }

  private EmbedWork work(Cluster cluster) {
    Shipped embedder = Shipped.of(cluster, command.embedder().file());
    return new EmbedWork(arguments(Set.of("--embedder")), embedder, set, run.toString());
  }

  @Override
  public void found(Output stored) {
    commit(stored);
  }

  /** Reads which images have no vector; throws if none has. */
  @Override
  public void commit(Output stored) {
    Workers.forEach(
        parts,
        READERS,
        part -> {
          String file = EmbedWork.skipped(new Shard(part + 1, parts));
          try {
            byte[] json = stored.read(file);
            skipped.addAll(json == null ? List.of() : EmbedWork.skipped(json));
          } catch (IOException e) {
            throw new FileException("cannot read " + file + ": " + FileException.reason(e), e);
          }
        });
    FaceSet.report(images, vectors(), skipped);
  }

  /** Number of vectors, when the skipped images are known. */
  private int vectors() {
    return images.count() - (skipped.size() - images.skipped().size());
  }

  private void report(ShardJob.Result result, long begin, ContextsOutput output) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("out", result.location());
    fields.put("contexts", vectors());
    fields.put("width", run.get("width").asInt());
    fields.put("preset", run.get("preset").asText());
    fields.put("skipped", skipped.stream().map(Object::toString).toList());
    fields.put("parts", result.shards());
    fields.put("parts_before", result.shardsBefore());
    fields.put("seconds", (System.nanoTime() - begin) / 1e9);
    output.print(
        fields,
        vectors()
            + " contexts of width "
            + run.get("width")
            + " in "
            + result.shards()
            + " parts in "
            + result.location()
            + "; "
            + skipped.size()
            + " files skipped");
  }
}
