import com.sun.management.OperatingSystemMXBean;
import dev.fizzy.cluster.ManifestCommit;
import dev.fizzy.cluster.Output;
import dev.fizzy.dataset.write.GeneratedRows;
import dev.fizzy.dataset.write.ImageWriter;
import java.io.BufferedWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** Times the commit of a set that was never drawn: `tools/cluster-campaign manifest` starts it. */
public final class ManifestScale {
  private static final int PART = 1000;
  private static final int PER_IDENTITY = 50;

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int images = Integer.parseInt(args[1]);
    int parts = images / PART;
    List<String> names =
        IntStream.range(0, images / PER_IDENTITY).mapToObj(i -> String.format("%06d", i)).toList();
    Files.createDirectories(folder);
    SplittableRandom random = new SplittableRandom(1);
    for (int part = 0; part < parts; part++) {
      Path manifest = folder.resolve("manifest-" + (part + 1) + "-of-" + parts + ".jsonl");
      try (BufferedWriter out = Files.newBufferedWriter(manifest)) {
        for (int i = part * PART; i < (part + 1) * PART; i++) {
          String sha256 =
              String.format(
                  "%016x%016x%016x%016x",
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
          long offset = 9216L * (i % PART);
          out.write(
              String.format(
                  "{\"path\":\"faces-%06d.tar\",\"identity\":\"%s\",\"image\":%d,\"sha256\":\"%s\",\"bytes\":%d,"
                      + "\"number\":%d,\"offset\":%d,\"end\":%d}%n",
                  part, names.get(i / PER_IDENTITY), i % PER_IDENTITY, sha256, 7000 + i % 999, i, offset, offset + 9216));
        }
      }
    }
    double cpu = cpu();
    long begin = System.nanoTime();
    GeneratedRows rows = new GeneratedRows(PER_IDENTITY, names, ImageWriter.png());
    new ManifestCommit(parts, rows).commit(new Output(folder.toString(), new Configuration()));
    System.out.printf(
        "%d rows in %d parts: %.1f s, %.1f s of CPU, %d MB of heap at most, manifest.parquet %d MB%n",
        images,
        parts,
        (System.nanoTime() - begin) / 1e9,
        cpu() - cpu,
        Runtime.getRuntime().maxMemory() >> 20,
        Files.size(folder.resolve("manifest.parquet")) >> 20);
  }

  /** CPU time of this process in seconds. */
  private static double cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime()
        / 1e9;
  }
}
