package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.op.Activation;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationEventTest {
  @TempDir Path folder;

  @Test
  void operationsAreEventsOfTheFlightRecorder() throws Exception {
    Graph g = new Graph(DType.F32);
    try (Graph.Scope ignored = g.scope("layer")) {
      g.output(Activation.silu(g.input("x", DType.F32, Stage.EVALUATION, 4, 128)));
    }
    Path file = folder.resolve("recording.jfr");
    try (Device device = Devices.cpu();
        Program program = new Program(g, device, null);
        Recording recording = new Recording()) {
      recording.enable("dev.fizzy.Operation").withoutThreshold();
      recording.start();
      OperationEvent.replay(program, Stage.EVALUATION);
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(e -> e.getEventType().getName().equals("dev.fizzy.Operation"))
            .toList();
    assertEquals(1, events.size());
    RecordedEvent silu = events.get(0);
    assertEquals("layer", silu.getString("layer"));
    assertEquals("4x128 > 4x128", silu.getString("shape"));
    assertEquals(2 * 4 * 128 * 4, silu.getLong("bytes"));
    assertFalse(silu.getDuration().isNegative());
    assertFalse(Trace.EVENTS); // off by default
  }
}
