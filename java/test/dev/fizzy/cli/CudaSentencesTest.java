package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fizzy.engine.cuda.StandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be missing or go wrong is one sentence each, and no work that was saved is lost. */
@StandIn
class CudaSentencesTest {
  @TempDir Path folder;

  private Cli.Result run(Map<String, String> more, Object... args)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(more);
    environment.put(
        "JAVA_TOOL_OPTIONS",
        "-Dorg.bytedeco.javacpp.pathsFirst=true -Dorg.bytedeco.javacpp.platform.linkpath="
            + System.getenv("LD_LIBRARY_PATH"));
    return Cli.process(folder, environment, args);
  }

  @ParameterizedTest
  @CsvSource({
    "FIZZY_STANDIN_DEVICES, 0, sees no GPU",
    "FIZZY_STANDIN_DRIVER, 12040, the NVIDIA driver supports CUDA 12.4 and 13.0 is needed",
    "FIZZY_STANDIN_ARCH, 75, has compute capability 7.5",
    "FIZZY_STANDIN_MEMORY, 3000000, the plan needs",
  })
  void isOneSentence(String variable, String value, String sentence)
      throws IOException, InterruptedException {
    Cli.Result result =
        run(
            Map.of(variable, value),
            "profile",
            "--config",
            "tiny",
            "--training",
            "--batch",
            "16",
            "--device",
            "cuda");
    assertEquals(1, result.code(), result.err());
    assertTrue(result.err().contains(sentence), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
  }

  @Test
  void withoutADriverTheProcessorWorksOn() throws IOException, InterruptedException {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a driver");
    Cli.Result refused = run(Map.of("LD_LIBRARY_PATH", ""), "info", "--device", "cuda");
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("no NVIDIA driver, since libcuda.so.1"), refused.err());
    Cli.Result info = run(Map.of("LD_LIBRARY_PATH", ""), "info", "--json").ok();
    assertTrue(info.json().get("gpus").get(0).asText().startsWith("no cuda: "), info.out());
  }

  private Object[] training(Path out, Object... more) throws IOException {
    return Stream.concat(
            Stream.of(
                "train",
                "autoencoder",
                "--faces",
                TinyModel.faces(),
                "--out",
                out,
                "--config",
                "tiny",
                "--batch",
                2,
                "--warmup",
                1,
                "--steps",
                6,
                "--checkpoint-every",
                1,
                "--device",
                "cuda"),
            Stream.of(more))
        .toArray();
  }

  private static long figure(String report, String name) {
    return report
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** The GPU is lost in mid-run: the last checkpoint is whole, and the run goes on bit by bit. */
  @Test
  void aLostGpuStopsARunThatGoesOn() throws IOException, InterruptedException {
    Path file = folder.resolve("report");
    Path whole = folder.resolve("whole");
    run(Map.of("FIZZY_STANDIN_REPORT", file.toString()), training(whole)).ok();
    String report = Files.readString(file);
    assertEquals(0, figure(report, "violations"), report);
    assertEquals(0, figure(report, "leaks"), report);
    assertTrue(figure(report, "graph_launches") >= 4, report);
    Path cut = folder.resolve("cut");
    String middle = Long.toString(figure(report, "executed_0") / 2);
    Cli.Result lost = run(Map.of("FIZZY_STANDIN_LOSE_AFTER", middle), training(cut));
    assertEquals(1, lost.code(), lost.err());
    assertTrue(lost.err().contains("the GPU stopped: "), lost.err());
    assertTrue(lost.err().contains("the last good checkpoint is"), lost.err());
    run(Map.of(), training(cut, "--resume")).ok();
    String name = "autoencoder.safetensors";
    assertEquals(-1, Files.mismatch(whole.resolve(name), cut.resolve(name)));
  }
}
