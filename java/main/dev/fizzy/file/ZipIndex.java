package dev.fizzy.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The directory of a zip archive. Entries are checked to be inside the file, not to overlap, to
 * have unique names and not to exceed the compression ratio of deflate.
 */
public final class ZipIndex {
  /** The position of an entry's bytes in the archive. */
  public record Part(String name, boolean deflated, long begin, long stored, long size, long crc) {}

  /** Largest directory in bytes, enough for 100,000 tensors. */
  private static final long DIRECTORY = 16L << 20;

  /** Largest compression ratio of deflate. */
  private static final long RATIO = 1_032;

  private static final int END = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END64_LOCATOR = 0x07064b50;

  private final ByteSource source;
  private final Map<String, Part> parts = new LinkedHashMap<>();

  private ZipIndex(ByteSource source) {
    this.source = source;
  }

  public static ZipIndex read(Path file, ByteSource source, FileChannel channel)
      throws IOException {
    checkDirectory(source);
    ZipIndex index = new ZipIndex(source);
    // The library closes its channel, at the latest in its finalizer, but this channel stays in
    // use.
    SeekableByteChannel unclosed = new Unclosed(channel);
    try {
      @SuppressWarnings("resource") // its channel is not closed
      ZipFile zip = ZipFile.builder().setSeekableByteChannel(unclosed).get();
      Enumeration<ZipArchiveEntry> entries = zip.getEntries();
      while (entries.hasMoreElements()) {
        index.add(entries.nextElement());
      }
    } catch (FileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      String why =
          e.getCause() instanceof IOException cause
              ? FileException.reason(cause)
              : e instanceof IOException io ? FileException.reason(io) : e.toString();
      throw new FileException(file + " is a damaged zip archive: " + why, e);
    }
    index.checkOverlaps();
    return index;
  }

  /** Checks the size of the directory before the library reads it. */
  private static void checkDirectory(ByteSource source) throws IOException {
    int length = (int) Math.min(source.size(), (1 << 16) + END + 20);
    ByteBuffer tail = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    long tailAt = source.size() - length;
    source.read(tailAt, tail);
    for (int i = length - END; i >= 0; i--) {
      if (tail.getInt(i) != END_SIGNATURE) {
        continue;
      }
      long directory = tail.getInt(i + 16) & 0xffffffffL;
      if (i >= 20 && tail.getInt(i - 20) == END64_LOCATOR) {
        long end64 = tail.getLong(i - 20 + 8);
        if (end64 < 0 || end64 > source.size() - 56) {
          throw source.fault("has a zip directory outside the file", tailAt + i);
        }
        ByteBuffer record = ByteBuffer.allocate(56).order(ByteOrder.LITTLE_ENDIAN);
        source.read(end64, record);
        directory = record.getLong(48);
      }
      if (directory < 0 || directory > source.size()) {
        throw source.fault("has a zip directory outside the file", tailAt + i);
      }
      if (source.size() - directory > DIRECTORY) {
        throw source.fault("has a zip directory larger than " + DIRECTORY + " bytes", directory);
      }
      return;
    }
    throw source.fault("is a zip archive without its directory: it is truncated", source.size());
  }

  private void add(ZipArchiveEntry entry) {
    String name = entry.getName();
    long at = entry.getDataOffset();
    long stored = entry.getCompressedSize();
    long size = entry.getSize();
    boolean deflated = entry.getMethod() == ZipEntry.DEFLATED;
    if (entry.isDirectory() && size == 0) {
      return;
    }
    if (at < 0 || stored < 0 || size < 0 || stored > source.size() - at) {
      throw source.fault("has an entry " + name + " that is not inside the file", Math.max(0, at));
    }
    if (entry.getGeneralPurposeBit().usesEncryption()
        || !deflated && (entry.getMethod() != ZipEntry.STORED || stored != size)) {
      throw source.fault(
          "has an entry "
              + name
              + " that is encrypted or compressed with another method than deflate",
          at);
    }
    if (deflated && size / RATIO > stored) {
      throw source.fault(
          "has an entry "
              + name
              + " that would decompress from "
              + stored
              + " to "
              + size
              + " bytes",
          at);
    }
    if (parts.put(name, new Part(name, deflated, at, stored, size, entry.getCrc())) != null) {
      throw source.fault("has two entries named " + name, at);
    }
  }

  private void checkOverlaps() {
    List<Part> sorted = new ArrayList<>(parts.values());
    sorted.sort(Comparator.comparingLong(Part::begin));
    for (int i = 1; i < sorted.size(); i++) {
      Part before = sorted.get(i - 1);
      if (sorted.get(i).begin() < before.begin() + before.stored()) {
        throw source.fault(
            "has entries " + before.name() + " and " + sorted.get(i).name() + " that overlap",
            sorted.get(i).begin());
      }
    }
  }

  public ByteSource source() {
    return source;
  }

  public Map<String, Part> parts() {
    return parts;
  }

  /** The first entry with the file name {@code file}, in any folder; or null. */
  public Part endingIn(String file) {
    return parts.values().stream()
        .filter(p -> p.name().equals(file) || p.name().endsWith("/" + file))
        .findFirst()
        .orElse(null);
  }

  /** Opens an entry; its bytes are decompressed on demand. */
  public ByteSource open(Part part) {
    ByteSource stored = source.slice(part.name(), part.begin(), part.stored());
    ByteSource plain = part.deflated() ? new Inflated(stored, part.size()) : stored;
    // PyTorch can omit checksums; then they are 0.
    return part.crc() == 0 ? plain : new Checked(plain, part.crc());
  }
}
