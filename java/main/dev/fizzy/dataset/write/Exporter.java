package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.OutputPath;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts a data set to another format without re-encoding images. An interrupted export can be
 * resumed.
 */
public final class Exporter {
  private static final Logger log = LoggerFactory.getLogger(Exporter.class);
  private static final long LIMIT = 64 << 20;

  /** Number of images that a thread reads at a time. */
  private static final int BLOCK = 16;

  private static final long ESTIMATE = 16 << 10;

  private Exporter() {}

  /**
   * The result of an export.
   *
   * @param images number of images written now
   * @param before number of images written by earlier runs
   * @param bytes size of the images written now
   * @param skipped images that could not be read
   */
  public record Result(long images, long before, int classes, long bytes, List<Skipped> skipped) {}

  /**
   * @param location path of the source
   * @param checkAll whether a resumed run verifies the checksum of every image
   * @param threads number of threads that read and compute checksums
   * @param done called with the number of finished images, from any thread
   */
  public static Result run(
      LabeledImages source,
      Path location,
      Path out,
      DatasetFormat format,
      boolean checkAll,
      int threads,
      LongConsumer done) {
    OutputPath.requireOutside(out, location);
    ExportItems items = ExportItems.of(source);
    List<Skipped> skipped = Collections.synchronizedList(new ArrayList<>(source.skipped()));
    skipped.addAll(items.skipped());
    skipped.forEach(s -> log.warn("skipped {}", s));
    if (items.count() == 0) {
      throw new FileException("none of the images in " + source + " has a label");
    }
    AtomicLong images = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    try (ImageStore store =
        format.open(
            new Destination(
                out,
                run(source, location, items),
                items,
                new ImageProperties(null, side(source, items), ESTIMATE),
                Shard.ALL,
                checkAll))) {
      BitSet before = store.done();
      store.checkSpace(items.count() - before.cardinality());
      long first = before.nextClearBit(0);
      int skippedBefore = skipped.size();
      boolean good = false;
      try {
        Workers.forEach(
            (int) ((items.count() - first + BLOCK - 1) / BLOCK),
            threads,
            block -> {
              long begin = first + (long) block * BLOCK;
              byte[][] some = new byte[(int) Math.min(BLOCK, items.count() - begin)][];
              for (int i = 0; i < some.length; i++) {
                if (!before.get((int) begin + i)) {
                  some[i] = read(source, items.source(begin + i), skipped);
                  bytes.addAndGet(some[i] == null ? 0 : some[i].length);
                  images.addAndGet(some[i] == null ? 0 : 1);
                }
              }
              store.store(begin, some);
              done.accept(before.cardinality() + images.get() + skipped.size() - skippedBefore);
            });
        good = true;
      } finally {
        if (!good) {
          store.abort();
        }
      }
      store.finish();
      return new Result(
          images.get(), before.cardinality(), items.classes(), bytes.get(), List.copyOf(skipped));
    }
  }

  private static byte[] read(LabeledImages source, int image, List<Skipped> skipped) {
    try {
      byte[] bytes = source.bytes(image);
      if (bytes.length == 0) {
        throw new IOException("it is empty");
      }
      ImageDecoder.checkFormat(bytes);
      return bytes;
    } catch (IOException e) {
      Skipped bad = new Skipped(source.name(image), FileException.reason(e));
      log.warn("skipped {}", bad);
      skipped.add(bad);
      return null;
    }
  }

  /** Side of the first decodable image among the first few; 0 if there is none. */
  private static int side(LabeledImages source, ExportItems items) {
    for (int i = 0; i < Math.min(16, items.count()); i++) {
      try {
        return source.decode(items.source(i)).width();
      } catch (IOException e) {
        log.debug("{}: {}", source.name(items.source(i)), FileException.reason(e));
      }
    }
    return 0;
  }

  /** The content of manifest.json: the source, with the manifest of that set. */
  private static ObjectNode run(LabeledImages source, Path location, ExportItems items) {
    ObjectNode run = JsonNodeFactory.instance.objectNode().put("format", DatasetRun.FORMAT);
    run.put("source", location.toAbsolutePath().normalize().toString());
    run.put("images", source.count()).put("classes", items.classes());
    run.put("names", items.digest());
    Path manifest = location.resolve(OutputFolder.FILE);
    if (Files.isRegularFile(manifest)) {
      try {
        JsonNode made = Json.read(manifest, LIMIT);
        run.set("made", made);
        if (made.has("origin")) {
          run.set("origin", made.get("origin"));
        }
      } catch (FileException e) {
        log.warn("{}", e.getMessage());
      }
    }
    return run;
  }
}
