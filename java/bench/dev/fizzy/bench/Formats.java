package dev.fizzy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Compares the speed of writing data sets with plain sequential writing of the same bytes to the
 * same disk, flushed the same way, by turns in one process; checks that everything reads back
 * equal; and compares the speed of reading with JPEG decoding. Unlike plain writing, the writers
 * also compute and list a SHA-256 of every image, and write headers.
 */
final class Formats {
  private static final int THREADS = 2;
  private static final int BUFFER = 1 << 20;
  private static final int PICTURES = 5000;
  private static final double MIB = 1 << 20;

  private final Path folder;
  private final int rounds;
  private final Map<String, Container.Format> formats = new LinkedHashMap<>();

  Formats(Path folder, int rounds) {
    this.folder = folder;
    this.rounds = rounds;
    formats.put("recordio", RecordContainer.FORMAT);
    formats.put("webdataset", TarContainer.format(TarContainer.IMAGES));
  }

  /** Writes and reads the records in every format and round. */
  void compare(ObjectNode root, int records) throws IOException {
    MadeImages source = MadeImages.noise(records);
    double mib = source.total() / MIB;
    root.put("records", records).put("mebibytes", mib);
    System.err.printf(Locale.ROOT, "%d records, %.0f MiB; %d rounds%n", records, mib, rounds);
    round(MadeImages.noise(Math.min(records, 10_000)), 0, new LinkedHashMap<>());
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    for (int i = 0; i < rounds; i++) {
      round(source, i, figures);
    }
    root.put("plain MiB/s", mib / median(figures.get("plain")));
    System.err.printf(Locale.ROOT, "plain       %7.1f MiB/s%n", mib / median(figures.get("plain")));
    for (String format : formats.keySet()) {
      ObjectNode row = root.putObject(format);
      row.put("write MiB/s", mib / median(figures.get(format)));
      row.put("of plain", median(figures.get("plain")) / median(figures.get(format)));
      row.put("files over images", median(figures.get(format + " files")) / source.total());
      row.put("read back equal MiB/s", mib / median(figures.get(format + " read")));
      System.err.printf(
          Locale.ROOT,
          "%-11s %7.1f MiB/s, %.0f %% of plain (files %.1f %% larger than the images);"
              + " all %d read back equal at %.1f MiB/s%n",
          format,
          row.get("write MiB/s").asDouble(),
          100 * row.get("of plain").asDouble(),
          100 * row.get("files over images").asDouble() - 100,
          records,
          row.get("read back equal MiB/s").asDouble());
    }
    readers(root);
  }

  /** Each format's files are deleted before the next, so that all have the same free memory. */
  private void round(MadeImages source, int first, Map<String, List<Double>> figures)
      throws IOException {
    List<String> order = new ArrayList<>(List.of("plain"));
    order.addAll(formats.keySet());
    Collections.rotate(order, first);
    for (String name : order) {
      Path out = folder.resolve("formats-bench");
      if (name.equals("plain")) {
        add(figures, name, plain(source, out));
      } else {
        add(figures, name, export(source, out, formats.get(name)));
        add(figures, name + " files", size(out));
        add(figures, name + " read", readEqual(source, out));
      }
      delete(out);
    }
  }

  private static void add(Map<String, List<Double>> figures, String name, double value) {
    figures.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double plain(MadeImages source, Path file) throws IOException {
    long begin = System.nanoTime();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      for (int i = 0; i < source.count(); i++) {
        byte[] bytes = source.bytes(i);
        for (int at = 0; at < bytes.length; ) {
          int n = Math.min(bytes.length - at, buffer.remaining());
          buffer.put(bytes, at, n);
          at += n;
          if (!buffer.hasRemaining()) {
            write(channel, buffer);
          }
        }
      }
      write(channel, buffer);
      channel.force(true);
    }
    return since(begin);
  }

  private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static double export(MadeImages source, Path out, Container.Format format) {
    long begin = System.nanoTime();
    Exporter.run(source, out.resolve("none"), out, format, false, THREADS, n -> {});
    return since(begin);
  }

  private static double readEqual(MadeImages source, Path set) throws IOException {
    long begin = System.nanoTime();
    try (LabeledImages images = ImageSets.open(set)) {
      for (int i = 0; i < source.count(); i++) {
        if (images.label(i) != source.label(i)
            || !Arrays.equals(images.bytes(i), source.bytes(i))) {
          throw new AssertionError("record " + i + " in " + set + " is not what was written");
        }
      }
      if (images.count() != source.count()) {
        throw new AssertionError(images.count() + " records");
      }
    }
    return since(begin);
  }

  /** JPEGs per second that one thread decodes from memory, and that each reader delivers. */
  private void readers(ObjectNode root) throws IOException {
    MadeImages source = MadeImages.jpegs(PICTURES);
    int[] order = IntStream.range(0, PICTURES).map(i -> (int) (i * 7919L % PICTURES)).toArray();
    Path work = Files.createDirectories(folder.resolve("formats-bench"));
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    try {
      for (var format : formats.entrySet()) {
        export(source, work.resolve(format.getKey()), format.getValue());
      }
      for (int i = 0; i <= rounds; i++) { // the first is a warm-up
        long begin = System.nanoTime();
        for (int image = 0; image < PICTURES; image++) {
          ImageDecoder.decode(source.bytes(image));
        }
        add(rates, "decoder", PICTURES / since(begin));
        for (String format : formats.keySet()) {
          try (LabeledImages images = ImageSets.open(work.resolve(format))) {
            begin = System.nanoTime();
            for (int image : order) {
              images.bytes(image);
            }
            add(rates, format, PICTURES / since(begin));
          }
        }
      }
    } finally {
      delete(work);
    }
    rates.values().forEach(list -> list.remove(0));
    double decoder = median(rates.get("decoder"));
    root.put("decoded JPEGs/s", decoder);
    System.err.printf(Locale.ROOT, "decoder     %7.0f JPEGs/s of one thread%n", decoder);
    for (String format : formats.keySet()) {
      double rate = median(rates.get(format));
      ((ObjectNode) root.get(format)).put("read JPEGs/s", rate).put("over decoder", rate / decoder);
      System.err.printf(
          Locale.ROOT,
          "%-11s %7.0f JPEGs/s read in any order, %.1f times the decoder%n",
          format,
          rate,
          rate / decoder);
    }
  }

  private static double size(Path set) throws IOException {
    try (Stream<Path> files = Files.list(set)) {
      return files
          .filter(f -> f.toString().matches(".*\\.(rec|tar)"))
          .mapToLong(f -> f.toFile().length())
          .sum();
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
