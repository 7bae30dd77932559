package dev.fizzy.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** SHA-256 over tensors, their names included: the checksum that models and checkpoints carry. */
public final class TensorDigest {
  private final MessageDigest digest = Sha256.digest();

  public void add(String name, float[] values) {
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    digest.update(bytes.array());
  }

  public String hex() {
    return Sha256.hex(digest.digest());
  }
}
