package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Concat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArenaTimelineTest {
  private static final long X = 4 * 16 * Float.BYTES;

  /** x lives to the end; a from operation 0 to 1, b from 1 to 2, c from 2. */
  @Test
  void blocksAreInUseFromTheirWriterToTheirLastReader() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 4, 16);
    Tensor a;
    try (Graph.Scope ignored = g.scope("first")) {
      a = Concat.of(x, x);
    }
    Tensor b = Concat.of(a, x);
    g.output(Concat.of(b, b));
    try (Device device = Devices.cpu()) {
      Plan plan = new Plan(g, device);
      ArenaTimeline timeline = ArenaTimeline.of(plan);
      assertArrayEquals(new long[] {3 * X, 6 * X, 10 * X}, timeline.live());
      assertEquals(2, timeline.peak());
      assertEquals(10 * X, timeline.peakBytes());
      assertTrue(timeline.peakBytes() <= plan.arenaBytes());
      assertEquals(
          List.of(6 * X, 3 * X, X), timeline.atPeak().stream().map(Plan.Use::bytes).toList());
      assertEquals(X, timeline.byContent().get(Plan.Content.INPUT));
      Plan.Use first =
          plan.uses().stream().filter(u -> u.layer().equals("first")).findFirst().orElseThrow();
      assertEquals(List.of(0, 1), List.of(first.first(), first.last()));
    }
  }
}
