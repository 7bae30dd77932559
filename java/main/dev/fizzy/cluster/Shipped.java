package dev.fizzy.cluster;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkFiles;
import org.apache.spark.broadcast.Broadcast;

/**
 * A file of the driver's machine on the workers. A worker that has the same file at the same path
 * uses it; others fetch it in pieces, most of them from each other.
 */
public final class Shipped implements Serializable {
  private static final int PIECE = 32 << 20;

  private final String path;
  private final String sha256;
  private final List<Broadcast<byte[]>> pieces;

  private Shipped(String path, String sha256, List<Broadcast<byte[]>> pieces) {
    this.path = path;
    this.sha256 = sha256;
    this.pieces = pieces;
  }

  /** Makes a file available to the workers; one piece of it is in memory at a time. */
  public static Shipped of(Cluster cluster, Path file) {
    List<Broadcast<byte[]>> pieces = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
        pieces.add(cluster.spark().broadcast(piece));
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
    return new Shipped(file.toAbsolutePath().toString(), Sha256.of(file), pieces);
  }

  String sha256() {
    return sha256;
  }

  /** The file on this machine. */
  public Path local() {
    Path same = Path.of(path);
    if (isHere(same)) {
      return same;
    }
    Path own =
        Path.of(SparkFiles.getRootDirectory())
            .toAbsolutePath()
            .resolve("fizzy-" + sha256)
            .resolve(same.getFileName());
    if (!isHere(own)) {
      fetch(own);
    }
    return own;
  }

  private boolean isHere(Path file) {
    return Files.isRegularFile(file) && Files.isReadable(file) && Sha256.of(file).equals(sha256);
  }

  private void fetch(Path file) {
    try {
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "fetching-", null);
      try (OutputStream out = Files.newOutputStream(part)) {
        for (Broadcast<byte[]> piece : pieces) {
          out.write(piece.value());
        }
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }
}
