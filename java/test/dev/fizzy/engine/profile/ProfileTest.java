package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.MatMul;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProfileTest {
  private static final Peak PEAK = new Peak("test", 1e9, 2e9, 1e9, Map.of(), "", null);

  private static Profile profile() {
    return profile(5);
  }

  private static Profile profile(int runs) {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 64, 128);
    Tensor h;
    try (Graph.Scope ignored = g.scope("one")) {
      h = Activation.silu(Activation.silu(x));
    }
    try (Graph.Scope ignored = g.scope("two")) {
      g.output(Add.of(Activation.silu(h), x));
    }
    try (Device device = Devices.cpu();
        Program program = new Program(g, device, null)) {
      return Profile.of(program, runs, PEAK);
    }
  }

  @Test
  void rowsAreSummedByLayerAndKindWithoutLoss() {
    Profile profile = profile();
    List<Row> rows = profile.rows();
    assertEquals(4, rows.size());
    assertEquals(List.of("one", "one", "two", "two"), rows.stream().map(Row::layer).toList());
    for (Profile.Grouping grouping : Profile.Grouping.values()) {
      List<Row> sums = profile.by(grouping);
      assertEquals(grouping == Profile.Grouping.OPERATION ? 4 : 2, sums.size());
      assertEquals(4, sums.stream().mapToInt(Row::count).sum());
      assertEquals(
          profile.seconds(), sums.stream().mapToDouble(Row::seconds).sum(), 1e-12, "" + grouping);
      assertEquals(profile.flops(), sums.stream().mapToLong(Row::flops).sum());
      assertTrue(sums.get(0).seconds() >= sums.get(1).seconds());
    }
    Row silu =
        profile.by(Profile.Grouping.KIND).stream()
            .filter(r -> r.count() == 3)
            .findFirst()
            .orElseThrow();
    assertEquals("64x128 > 64x128", silu.shape());
    assertEquals("f32", silu.type());
    assertEquals("", silu.layer());
    double[] summed = new double[5];
    rows.stream()
        .filter(r -> r.operation().equals(silu.operation()))
        .forEach(
            r -> {
              for (int i = 0; i < summed.length; i++) {
                summed[i] += r.samples()[i];
              }
            });
    assertEquals(Samples.range(summed), silu.range(), 1e-12);
  }

  /** 64*128 f32 values are read and written: 65,536 bytes, 65.536 us at 1 GB/s. */
  @Test
  void floorIsTheLargerOfComputeAndMemory() {
    Row add = profile().rows().get(3);
    assertEquals("add", add.operation());
    assertEquals(3 * 64 * 128 * 4 / 1e9, add.floorSeconds(), 1e-12);
    assertEquals("memory", add.bound());
    Graph g = new Graph(DType.F32);
    Tensor a = g.input("a", DType.F32, Stage.EVALUATION, 1, 64, 64);
    g.output(MatMul.of(a, a, false, false, 1));
    try (Device device = Devices.cpu();
        Program program = new Program(g, device, null)) {
      Row product = Profile.of(program, 1, PEAK).rows().get(0);
      assertEquals("compute", product.bound());
      assertEquals(2 * 64 * 64 * 64 / 1e9, product.floorSeconds(), 1e-12);
      assertEquals(product.floorSeconds() / product.seconds(), product.ofFloor(), 1e-12);
      assertFalse(product.implementations().keySet().iterator().next().isEmpty());
    }
  }

  @Test
  void remainderIsTheWholeReplayWithoutItsOperations() {
    Profile profile = profile();
    double sum = profile.rows().stream().mapToDouble(Row::seconds).sum();
    assertTrue(sum > 0 && profile.wallSeconds() > 0);
    assertEquals(
        profile.wallSeconds() - sum - profile.interruptedSeconds(),
        profile.remainderSeconds(),
        1e-15);
    for (Row row : profile.rows()) {
      assertTrue(row.threadsBusy() > 0 && row.threadsBusy() <= 1, row.toString());
    }
  }

  /** Of three runs another operation is interrupted in each: no median shows it, every run does. */
  @Test
  void interruptionsAreToldApartFromTheOperations() {
    Row row = profile().rows().get(0);
    double[][] samples = {{5, 1, 1}, {2, 6, 2}, {3, 3, 7}};
    List<Row> rows =
        Stream.of(samples)
            .map(
                s ->
                    new Row(
                        row.layer(),
                        row.operation(),
                        row.shape(),
                        row.type(),
                        1,
                        Samples.median(s),
                        s,
                        row.threadsBusy(),
                        null,
                        row.flops(),
                        row.bytes(),
                        row.computeFloor(),
                        row.memoryFloor(),
                        row.floorSeconds(),
                        row.implementations()))
            .toList();
    Profile profile = new Profile(rows, 10.5, 0, 3, PEAK, null);
    assertEquals(6, profile.seconds());
    assertEquals(4, profile.interruptedSeconds());
    assertEquals(.5, profile.remainderSeconds());
  }

  @Test
  void theTimeDeterminesTheNumberOfRuns() {
    assertEquals(20, Profiler.fitting(1e-6));
    assertEquals(10, Profiler.fitting(.5));
    assertEquals(3, Profiler.fitting(60));
    int runs = profile(0).runs();
    assertEquals(20, runs); // a network of microseconds
  }

  @Test
  void quartilesAndTheErrorOfAMedian() {
    double[] five = {5, 1, 4, 2, 3};
    assertEquals(3, Samples.median(five));
    assertEquals(2, Samples.range(five));
    double[] normal = new java.util.Random(1).doubles(20_000).toArray();
    // Uniform: range .5; the formula is for normal values, of which 1.349 deviations are the range.
    assertEquals(.5, Samples.range(normal), .02);
    assertEquals(1.2533 / Math.sqrt(100), Samples.error(1.349, 100), 1e-9);
    assertEquals(7, Samples.median(DoubleStream.of(7).toArray()));
  }

  @Test
  void theLoadOfOthersLeavesOutThisProcess() {
    String process = "7 (a (b) c) R 1 2 3 4 5 6 7 8 9 10 %d %d 0";
    Load.Ticks begin =
        Load.Ticks.of("cpu  100 10 20 500 30 1 2 40 9 9\ncpu0 1", String.format(process, 50, 5));
    Load.Ticks end =
        Load.Ticks.of("cpu  150 20 30 590 40 1 2 70 9 9\ncpu0 1", String.format(process, 90, 15));
    // 200 ticks: 70 in use, of which 50 were ours, 30 steal, 100 idle.
    assertEquals(new Load(.1, .15, 1.5), end.since(begin, 1.5));
    assertTrue(Double.isNaN(end.since(end, 0).others()));
    assertFalse(new Load.Watch().load().others() < 0);
    assertTrue(new Load(.06, 0, 1).busy() && new Load(0, .03, 1).busy());
    assertFalse(new Load(.04, .01, 9).busy());
  }
}
