package dev.fizzy.training;

import com.google.protobuf.CodedOutputStream;
import dev.fizzy.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars as an event file of TensorBoard. The file is a TFRecord: length (8 bytes), masked CRC-32C
 * of the length, an Event (tensorflow/core/util/event.proto), masked CRC-32C of the event; numbers
 * are little-endian. Each event is one write.
 */
final class TensorBoardEvents implements AutoCloseable {
  // Field numbers of Event.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  // Of Summary, Summary.Value and SessionLog.
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int STATUS = 1;
  private static final int START = 1;

  private final Path file;
  private final FileChannel channel;

  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  /**
   * Opens a new file in the folder.
   *
   * @param step steps done before; TensorBoard drops what an earlier file has of later steps
   */
  TensorBoardEvents(Path folder, long step) throws IOException {
    String name =
        String.format(
            "events.out.tfevents.%010d.fizzy.%d.%d",
            System.currentTimeMillis() / 1000, ProcessHandle.current().pid(), System.nanoTime());
    file = folder.resolve(name);
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    event(0, out -> out.writeString(FILE_VERSION, "brain.Event:2"));
    event(
        step, out -> out.writeByteArray(SESSION_LOG, message(log -> log.writeEnum(STATUS, START))));
  }

  void scalars(long step, Map<String, Double> values) {
    try {
      event(
          step,
          out ->
              out.writeByteArray(
                  SUMMARY,
                  message(
                      summary -> {
                        for (var value : values.entrySet()) {
                          summary.writeByteArray(VALUE, value(value.getKey(), value.getValue()));
                        }
                      })));
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }

  private static byte[] value(String tag, double value) throws IOException {
    return message(
        out -> {
          out.writeString(TAG, tag);
          out.writeFloat(SIMPLE_VALUE, (float) value);
        });
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  private void event(long step, Fields content) throws IOException {
    byte[] event =
        message(
            out -> {
              out.writeDouble(WALL_TIME, System.currentTimeMillis() / 1e3);
              out.writeInt64(STEP, step);
              content.write(out);
            });
    ByteBuffer record =
        ByteBuffer.allocate(8 + 4 + event.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(masked(record.array(), 0, 8)).put(event).putInt(masked(event, 0, event.length));
    record.flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** TFRecord's checksum: CRC-32C rotated right by 15 bits, plus a constant. */
  private static int masked(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
