package dev.fizzy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardEventsTest {
  @TempDir Path folder;

  /** CRC-32C bit by bit, masked as TFRecord has it. */
  private static int masked(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 255;
      for (int i = 0; i < 8; i++) {
        crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static List<UnknownFieldSet> events(Path file) throws Exception {
    List<UnknownFieldSet> events = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertEquals(masked(length), in.getInt());
      byte[] event =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(event);
      assertEquals(masked(event), in.getInt());
      events.add(UnknownFieldSet.parseFrom(CodedInputStream.newInstance(event)));
    }
    return events;
  }

  private static UnknownFieldSet message(UnknownFieldSet parent, int field) throws Exception {
    return UnknownFieldSet.parseFrom(parent.getField(field).getLengthDelimitedList().get(0));
  }

  @Test
  void scalarsAreEventsWithStepTagAndValue() throws Exception {
    try (TensorBoardEvents writer = new TensorBoardEvents(folder, 4)) {
      writer.scalars(5, Map.of("loss", .25));
      writer.scalars(6, Map.of("loss", -1e-3));
    }
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    assertTrue(file.getFileName().toString().matches("events\\.out\\.tfevents\\.\\d{10}\\..*"));
    List<UnknownFieldSet> events = events(file);
    assertEquals(4, events.size());
    assertEquals(
        "brain.Event:2", events.get(0).getField(3).getLengthDelimitedList().get(0).toStringUtf8());
    assertEquals(4, events.get(1).getField(2).getVarintList().get(0), "the session's first step");
    assertEquals(1, message(events.get(1), 7).getField(1).getVarintList().get(0), "START");
    UnknownFieldSet value = message(message(events.get(2), 5), 1);
    assertEquals(5, events.get(2).getField(2).getVarintList().get(0));
    assertEquals("loss", value.getField(1).getLengthDelimitedList().get(0).toStringUtf8());
    assertEquals(.25f, Float.intBitsToFloat(value.getField(2).getFixed32List().get(0)));
    double now = Double.longBitsToDouble(events.get(2).getField(1).getFixed64List().get(0));
    assertEquals(System.currentTimeMillis() / 1e3, now, 600);
  }
}
