package dev.fizzy.weights;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of tensors and their names: the checksum in models and checkpoints. */
public final class TensorDigest {
  public static final String METADATA = "metadata_sha256";

  private final MessageDigest digest = Sha256.digest();

  public void add(String name, float[] values) {
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    digest.update(bytes.array());
  }

  /**
   * The checksum of a file's metadata, stored in the metadata as {@value #METADATA}, to detect a
   * damaged configuration or step number.
   */
  public static String of(Map<String, String> metadata) {
    TensorDigest digest = new TensorDigest();
    new TreeMap<>(metadata)
        .forEach(
            (key, value) -> {
              if (!key.equals(METADATA)) {
                digest.digest.update((key + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8));
              }
            });
    return digest.hex();
  }

  /** Throws if the metadata have no checksum or do not match it. */
  public static void check(Path file, Map<String, String> metadata) {
    String stored = metadata.get(METADATA);
    if (!of(metadata).equals(stored)) {
      throw new FileException(
          file
              + " is damaged: its metadata have checksum "
              + of(metadata)
              + ", and the stored one is "
              + stored);
    }
  }

  public String hex() {
    return Sha256.hex(digest.digest());
  }
}
