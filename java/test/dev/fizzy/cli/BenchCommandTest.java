package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.profile.BenchOperation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
  private static final Map<String, String> SHAPES =
      Map.of("R,C", "6,64", "B,T,C", "2,5,64", "B,M,K", "2,3,8", "B,R,C", "2,3,8");

  private static Cli.Result bench(Object... options) {
    List<Object> args = new ArrayList<>(List.of("bench"));
    args.addAll(List.of(options));
    args.addAll(List.of("--runs", 2, "--peak", "f32=10,bf16=20,memory=5"));
    return Cli.run(args.toArray());
  }

  /** Forward and backward in both types: near the reference, farther in bf16. */
  @Test
  void everyOperationIsTimedWithItsErrorBesideTheReference() throws IOException {
    for (BenchOperation o : BenchOperation.values()) {
      String shape = SHAPES.getOrDefault(o.form(), "2,8,8,32");
      List<Object> args = new ArrayList<>(List.of(o.kernel(), "--shape", shape, "--json"));
      if (o.hasGradient()) {
        args.add("--training");
      }
      JsonNode rows = bench(args.toArray()).ok().json().get("rows");
      List<String> kernels = rows.findValuesAsText("operation");
      assertTrue(kernels.stream().allMatch(k -> k.startsWith(o.kernel())), kernels.toString());
      assertEquals(o.hasGradient() && rows.size() > 2, rows.size() > 2, o.kernel());
      for (JsonNode row : rows) {
        boolean f32 = row.get("type").asText().equals("f32");
        double error = row.get("error").asDouble();
        assertTrue(error < (f32 ? 1e-4 : 5e-2), o + " " + row);
        assertFalse(row.get("reference").asText().isEmpty());
        assertTrue(row.get("seconds").asDouble() > 0);
      }
    }
  }

  @Test
  void levelsShapesAndTypesAreSwept() throws IOException {
    String level = Devices.level();
    JsonNode rows =
        bench(
                "group_norm",
                "--shape",
                "2,8,8,32",
                "--sweep",
                "4=32,64",
                "--level",
                "all",
                "--type",
                "f32",
                "--set",
                "groups=8,silu=0",
                "--cold",
                "--json")
            .ok()
            .json()
            .get("rows");
    assertEquals(2 * (1 + Devices.levels().size()), rows.size());
    assertEquals(0, rows.get(0).get("error").asDouble()); // the reference itself
    assertEquals("reference", rows.get(0).get("level").asText());
    assertTrue(rows.get(1).get("shape").asText().startsWith("2x8x8x64"), rows.toString());
    assertTrue(rows.get(0).get("cold_seconds").asDouble() > 0);
    assertEquals(level, Devices.level());
    String text = bench("group_norm_backward", "--shape", "2,8,8,32").ok().out();
    assertTrue(text.contains("group_norm_backward 2x8x8x32"), text);
    assertTrue(text.contains("error beside reference"), text);
    assertTrue(Cli.run("bench").ok().out().contains("convolution"));
  }

  @Test
  void whatCannotBeTimedIsRefused() {
    bench("softplus", "--shape", "1,1").misused("no operation softplus can be timed alone, only ");
    bench("group_norm").misused("--shape B,H,W,C is missing for group_norm");
    bench("group_norm", "--shape", "2,8").refused("takes a shape B,H,W,C of positive numbers");
    bench("group_norm", "--shape", "2,8,8,32", "--set", "k=1").refused("has no setting k");
    bench("group_norm", "--shape", "2,8,8,32", "--sweep", "5=1").misused("a shape of 4");
    bench("group_norm", "--shape", "2,8,8,32", "--sweep", "x").misused("a sweep is I=N,N,...");
    bench("max_pool", "--shape", "2,8,8,32", "--training").refused("has no gradient");
    bench("add", "--shape", "2,8", "--level", "sse2").refused("no instruction-set level sse2");
  }
}
