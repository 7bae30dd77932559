package dev.fizzy.cli;

import dev.fizzy.cluster.ShardWork;
import dev.fizzy.cluster.Shipped;
import dev.fizzy.cluster.Slot;
import dev.fizzy.dataset.parquet.VectorsWriter;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The work of {@code embed} on an executor: a part of the images of a set that every machine has at
 * the same path.
 *
 * @param arguments of the command, without the embedder
 * @param set checksum of all images, see {@link SharedInput#images}
 */
record EmbedWork(List<String> arguments, Shipped embedder, String set, String run)
    implements ShardWork {
  /** A multiple of every embedder's batch: parts then have the batches of one machine. */
  static final int UNIT = 32;

  @Override
  public String key() {
    return run;
  }

  /** The file of a part's vectors. */
  static String vectors(Shard part) {
    return "embeddings" + part.suffix() + ".parquet";
  }

  /** The file that lists a part's skipped images, if there are any. */
  static String skipped(Shard part) {
    return "skipped" + part.suffix() + ".json";
  }

  @Override
  public ShardWork.Opened open() {
    List<String> all = new ArrayList<>(arguments);
    Path file = embedder.local();
    all.add("--embedder=" + file);
    EmbedCommand command = Resent.parsed(all, EmbedCommand.class);
    ImageSource images = command.images();
    SharedInput.check(command.faces(), SharedInput.images(command.faces(), images), set);
    return new Opened(command.embedder(), file, images);
  }

  /** The images and an embedder of each device, for all tasks of an executor. */
  private static final class Opened implements ShardWork.Opened {
    private final EmbedderOptions options;
    private final Path file;
    private final ImageSource images;
    private final Map<String, Embedder> embedders = new HashMap<>();

    Opened(EmbedderOptions options, Path file, ImageSource images) {
      this.options = options;
      this.file = file;
      this.images = images;
    }

    @Override
    public boolean onGpu() {
      return options.onGpu();
    }

    private synchronized Embedder embedder(Slot slot) {
      return embedders.computeIfAbsent(slot.device(), device -> options.open(file, slot));
    }

    @Override
    public long run(Shard part, Path folder, Slot slot, LongConsumer done) {
      int units = (images.count() + UNIT - 1) / UNIT;
      int from = (int) part.begin(units) * UNIT;
      int to = Math.min(images.count(), (int) part.end(units) * UNIT);
      Embedder network = embedder(slot);
      FaceEmbedding.Vectors found =
          FaceEmbedding.vectors(images, from, to, network, false, slot.threads(), done);
      Path file = folder.resolve(vectors(part));
      try {
        write(found.values(), from, network.width(), file);
        if (!found.skipped().isEmpty()) {
          file = folder.resolve(skipped(part));
          Files.write(file, Json.mapper().build().writeValueAsBytes(found.skipped()));
        }
      } catch (IOException e) {
        throw FileException.of("write", file, e);
      }
      return to - from;
    }

    private void write(float[][] values, int from, int width, Path file) throws IOException {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
          VectorsWriter writer = new VectorsWriter(out, width)) {
        for (int i = 0; i < values.length; i++) {
          if (values[i] != null) {
            writer.add(images.name(from + i), values[i]);
          }
        }
      }
    }
  }

  /** Reads a list that {@link Opened#run} wrote. */
  static List<Skipped> skipped(byte[] json) throws IOException {
    return List.of(Json.mapper().build().readValue(json, Skipped[].class));
  }
}
