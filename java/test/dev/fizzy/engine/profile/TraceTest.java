package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.op.Activation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceTest {
  @Test
  void recordsStagesOperationsAndThreads() throws Exception {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 4, 128);
    try (Graph.Scope ignored = g.scope("layer \"1\"")) {
      g.output(Activation.silu(Activation.silu(x)));
    }
    JsonNode json;
    try (Device device = Devices.cpu();
        Program program = new Program(g, device, null);
        Trace trace = Trace.start()) {
      assertSame(trace, Trace.active());
      program.run();
      program.run();
      Thread writer =
          new Thread(
              () -> {
                try (Trace.Span ignored = Trace.span(Trace.Category.WORK, "encode")) {
                  assertTrue(trace.seconds() > 0);
                }
              },
              "writer");
      writer.start();
      writer.join();
      trace.close();
      program.run(); // after the end
      assertTrue(trace.shares().get("operation") > 0);
      assertEquals(0, trace.shares().get("work")); // another thread's
      json = written(trace, Map.of("command", "fizzy x"));
    }
    TraceSchema.check(json);
    assertEquals("fizzy x", json.at("/otherData/command").asText());
    assertEquals(4, events(json, "operation").size());
    assertEquals(2, events(json, "stage").size());
    JsonNode silu = events(json, "operation").get(0);
    assertEquals("layer \"1\"", silu.at("/args/layer").asText());
    assertEquals("4x128 > 4x128", silu.at("/args/shape").asText());
    assertEquals(2 * 4 * 128 * 4, silu.at("/args/bytes").asLong());
    List<String> threads =
        TraceSchema.events(json, "M").stream()
            .filter(e -> e.get("name").asText().equals("thread_name"))
            .map(e -> e.at("/args/name").asText())
            .toList();
    assertEquals(2, threads.size());
    assertTrue(threads.contains("writer"), threads.toString());
  }

  /** The shares of a caller that only waits are those of its workers. */
  @Test
  void sharesAreTheMeanOfTheWorkers() {
    Graph g = new Graph(DType.F32);
    g.output(Activation.silu(g.input("x", DType.F32, Stage.EVALUATION, 4, 128)));
    try (Workers<Program> workers =
            Workers.on(List.of("cpu"), 2, 2, device -> new Program(g, device, null));
        Trace trace = Trace.start()) {
      workers.each(
          program -> {
            try (Trace.Span ignored = Trace.span(Trace.Category.WAIT, "w")) {
              Thread.sleep(50);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            program.run();
          });
      trace.close();
      double waiting = trace.shares().get("wait");
      assertTrue(trace.shares().get("operation") > 0);
      assertTrue(waiting >= .05 / trace.seconds() && waiting <= 1, waiting + " of the time");
    }
  }

  @Test
  void spansBeyondTheLimitAreCounted() throws IOException {
    try (Trace trace = Trace.start(3)) {
      for (int i = 0; i < 5; i++) {
        Trace.span(Trace.Category.WAIT, "w").close();
      }
      assertThrows(IllegalStateException.class, Trace::start);
      trace.close();
      assertEquals(2, trace.dropped());
      assertEquals(3, trace.size());
      assertEquals("2", written(trace, Map.of()).at("/otherData/dropped").asText());
    }
    assertNull(Trace.active());
    Trace.span(Trace.Category.WAIT, "w").close(); // nothing is recorded
  }

  private static List<JsonNode> events(JsonNode json, String category) {
    return TraceSchema.events(json, "X").stream()
        .filter(e -> e.get("cat").asText().equals(category))
        .toList();
  }

  private static JsonNode written(Trace trace, Map<String, String> about) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    trace.write(out, about);
    return new ObjectMapper().readTree(out.toByteArray());
  }
}
