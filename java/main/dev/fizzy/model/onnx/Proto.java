package dev.fizzy.model.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A small Protocol Buffers message, stored as bytes; field numbers are those of onnx.proto. */
final class Proto {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, 256);

  /** Writes a field; an IOException in memory is an internal error. */
  @FunctionalInterface
  private interface Field {
    void write(CodedOutputStream out) throws IOException;
  }

  private Proto put(Field field) {
    try {
      field.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Proto number(int field, long value) {
    return put(o -> o.writeInt64(field, value));
  }

  Proto real(int field, float value) {
    return put(o -> o.writeFloat(field, value));
  }

  Proto text(int field, String value) {
    return raw(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Proto raw(int field, byte[] value) {
    return put(o -> o.writeByteArray(field, value));
  }

  Proto message(int field, Proto value) {
    return raw(field, value.toBytes());
  }

  byte[] toBytes() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
