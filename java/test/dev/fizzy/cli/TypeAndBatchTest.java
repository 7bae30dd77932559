package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --type auto} and {@code --batch auto}. */
class TypeAndBatchTest {
  @TempDir private Path folder;

  @Test
  void theTypeFollowsTheLevelOfTheProcessor() {
    String best = Devices.level();
    try {
      for (String level : Devices.levels()) {
        Devices.setLevel(level);
        boolean bf16 = level.equals("avx512_bf16") || level.equals("amx");
        assertEquals(bf16 ? DType.BF16 : DType.F32, TypeChoice.AUTO.on(List.of("cpu")), level);
      }
    } finally {
      Devices.setLevel(best);
    }
    assertEquals(DType.BF16, TypeChoice.AUTO.on(List.of("cuda", "cuda:1")));
    assertEquals(DType.F32, TypeChoice.F32.on(List.of("cuda")));
  }

  @Test
  void aSetKeepsTheTypeThatItWasBegunWith() throws IOException {
    Path out = folder.resolve("set");
    String type = TinyModel.type();
    generate(out).ok();
    assertEquals(
        type,
        new ObjectMapper()
            .readTree(out.resolve("manifest.json").toFile())
            .at("/settings/type")
            .asText());
    String other = type.equals("F32") ? "BF16" : "F32";
    generate(out, "--type", other)
        .refused("its settings.type is \"" + type + "\", this run's is \"" + other + "\"");
  }

  private static Cli.Result generate(Path out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--images", 1));
    args.addAll(List.of("--steps", 2, "--out", out));
    args.addAll(List.of("--model", TinyModel.model(), "--contexts", TinyModel.contexts()));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void theBatchOfAGpuFitsItsMemory() {
    IntToLongFunction bytes = batch -> 1_000 + 10 * batch; // weights and activations
    assertEquals(256, BatchSize.fitting(1 << 20, 1_000, bytes));
    assertEquals(64, BatchSize.fitting(2 * (1_000 + 640), 1_000, bytes));
    assertEquals(32, BatchSize.fitting(2 * (1_000 + 639), 1_000, bytes));
    assertEquals(8, BatchSize.fitting(1 << 20, 5, bytes));
    assertEquals(1, BatchSize.fitting(0, 1_000, bytes));
  }
}
