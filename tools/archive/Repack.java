import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * {@code java Repack.java FOLDER JAR...}: copies jars without compression, since xz compresses them
 * better all together, and without native libraries that Fizzy does not load.
 */
final class Repack {
  private static final Pattern UNUSED =
      Pattern.compile(
          "org/bytedeco/dnnl/linux-x86_64/(include/.*|lib/.*|libjnidnnl\\.so)"
              + "|org/bytedeco/cuda/linux-x86_64/libjni(?!cudart|cublas\\.|cudnn|nccl).*");

  private Repack() {}

  public static void main(String[] args) throws IOException {
    for (int i = 1; i < args.length; i++) {
      Path jar = Path.of(args[i]);
      try (ZipFile from = new ZipFile(jar.toFile());
          OutputStream file = Files.newOutputStream(Path.of(args[0]).resolve(jar.getFileName()));
          ZipOutputStream to = new ZipOutputStream(file)) {
        to.setMethod(ZipOutputStream.STORED);
        for (Enumeration<? extends ZipEntry> all = from.entries(); all.hasMoreElements(); ) {
          ZipEntry entry = all.nextElement();
          if (!entry.isDirectory() && !UNUSED.matcher(entry.getName()).matches()) {
            store(to, entry, from.getInputStream(entry).readAllBytes());
          }
        }
      }
    }
  }

  private static void store(ZipOutputStream to, ZipEntry entry, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry stored = new ZipEntry(entry.getName());
    stored.setTime(entry.getTime());
    stored.setSize(bytes.length);
    stored.setCrc(crc.getValue());
    to.putNextEntry(stored);
    to.write(bytes);
    to.closeEntry();
  }
}
