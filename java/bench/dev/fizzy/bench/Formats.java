package dev.fizzy.bench;

import dev.fizzy.dataset.Container;
import dev.fizzy.dataset.Exporter;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.LabelledImages;
import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * How fast data sets are written beside plain sequential writing of the same bytes to the same
 * disk, forced there the same, by turns in one process; and that what was written reads back. The
 * writers also compute a SHA-256 of every image and list it.
 *
 * <p>Arguments: folder, records, rounds.
 */
public final class Formats {
  private static final int CLASSES = 500;
  private static final int THREADS = 2;
  private static final int BUFFER = 1 << 20;

  private Formats() {}

  /** Records of 4 to 20 KB of noise, like JPEGs of 112 x 112. */
  private static final class Noise implements LabelledImages {
    private final byte[] pool = new byte[64 << 20];
    private final int count;

    Noise(int count) {
      this.count = count;
      new Random(5).nextBytes(pool);
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public String name(int image) {
      return Integer.toString(image);
    }

    @Override
    public byte[] bytes(int image) {
      Random random = new Random(image);
      int length = 4096 + random.nextInt(16384);
      int from = random.nextInt(pool.length - length);
      return Arrays.copyOfRange(pool, from, from + length);
    }

    @Override
    public int classes() {
      return CLASSES;
    }

    @Override
    public int label(int image) {
      return (int) ((long) image * CLASSES / count);
    }

    @Override
    public String toString() {
      return "noise";
    }
  }

  /** Seconds of processor time that this process has taken. */
  private static double processor() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  private static double plain(Noise source, Path file) throws IOException {
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
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static double export(Noise source, Path folder, Container.Format format) {
    long begin = System.nanoTime();
    Exporter.run(source, folder.resolve("none"), folder, format, false, THREADS, n -> {});
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double read(Noise source, Path folder) throws IOException {
    long begin = System.nanoTime();
    try (LabelledImages images = ImageSets.open(folder)) {
      for (int i = 0; i < source.count(); i++) {
        if (images.label(i) != source.label(i)
            || !Arrays.equals(images.bytes(i), source.bytes(i))) {
          throw new AssertionError("record " + i + " in " + folder + " is not what was written");
        }
      }
      if (images.count() != source.count()) {
        throw new AssertionError(images.count() + " records");
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void warmUp(Path work) throws IOException {
    Noise few = new Noise(10_000);
    plain(few, work.resolve("plain"));
    for (Container.Format format :
        new Container.Format[] {RecordContainer.FORMAT, TarContainer.format(1000)}) {
      Path out = work.resolve(format.name().substring(0, 5));
      export(few, out, format);
      read(few, out);
    }
    delete(work);
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Noise source = new Noise(Integer.parseInt(args[1]));
    long bytes = 0;
    for (int i = 0; i < source.count(); i++) {
      bytes += source.bytes(i).length;
    }
    double mib = bytes / (double) (1 << 20);
    System.out.printf(Locale.ROOT, "%d records, %.0f MiB%n", source.count(), mib);
    warmUp(Files.createDirectories(folder.resolve("formats-warm-up")));
    for (int round = 0; round < Integer.parseInt(args[2]); round++) {
      Path work = Files.createDirectories(folder.resolve("formats-" + round));
      double processor = processor();
      double plain = plain(source, work.resolve("plain"));
      processor = processor() - processor;
      Files.delete(work.resolve("plain"));
      System.out.printf(
          Locale.ROOT, "plain       %7.1f MiB/s, %.2f s of processor%n", mib / plain, processor);
      for (Container.Format format :
          new Container.Format[] {RecordContainer.FORMAT, TarContainer.format(10_000)}) {
        Path out = work.resolve(format.name().substring(0, 5));
        processor = processor();
        double seconds = export(source, out, format);
        processor = processor() - processor;
        System.out.printf(
            Locale.ROOT,
            "%-11s %7.1f MiB/s, %.0f %% of plain, %.2f s of processor; read back equal at %.1f MiB/s%n",
            format.name(),
            mib / seconds,
            100 * plain / seconds,
            processor,
            mib / read(source, out));
      }
      delete(work);
    }
  }
}
