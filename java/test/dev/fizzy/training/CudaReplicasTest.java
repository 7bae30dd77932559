package dev.fizzy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.StandIn;
import dev.fizzy.engine.op.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two GPUs that train together, of which one is lost in mid-run, in a process of its own. */
@StandIn
class CudaReplicasTest {
  private static final int N = 21;
  private static final int STEPS = 12;
  private static final long LIMIT_SECONDS = 120;

  @TempDir Path folder;

  /** Weights that follow targets of every rank's own. */
  private static final class Following implements TrainingTask {
    private final Graph graph = new Graph(DType.F32);
    private final Tensor target = graph.input("target", DType.F32, Stage.EVALUATION, 1, N);
    private final Tensor loss;
    private final int rank;

    Following(int rank) {
      this.rank = rank;
      Tensor weight = graph.parameter(Parameter.of("weight", Parameter.Init.normal(1), 1, N));
      this.loss = graph.output(Loss.mse(weight, target));
      graph.backward(loss);
    }

    @Override
    public Graph graph() {
      return graph;
    }

    @Override
    public Map<String, Tensor> metrics() {
      return Map.of("loss", loss);
    }

    @Override
    public void feed(Program program, long step) {
      Philox random = new Philox(rank, Philox.Purpose.INITIALIZE, (int) step);
      float[] values = new float[N];
      for (int i = 0; i < N; i++) {
        values[i] = (float) random.nextGaussian();
      }
      program.write(target, values);
    }

    @Override
    public int batch() {
      return 1;
    }
  }

  /** The process: a folder, and whether to resume. */
  public static void main(String[] args) {
    Group group = Devices.group(List.of("cuda:0", "cuda:1"));
    Optimizer optimizer = new Optimizer.Sgd(LearningRate.constant(.1, 0), .9, 0, 0);
    boolean resume = Boolean.parseBoolean(args[1]);
    TrainingRun.Options options =
        new TrainingRun.Options(
            new TrainingRun.Job(Path.of(args[0]), STEPS, 1, resume),
            p -> p.initialize(3),
            Map.of(),
            null);
    try (Replicas replicas = new Replicas(group);
        Device device = group.open(0);
        TrainingRun run = new TrainingRun(Following::new, device, optimizer, options, replicas)) {
      run.run(report -> {});
    } catch (EngineException e) {
      System.err.println("sentence: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Trains, and returns what went to stderr; the stand-ins' report is left in the folder. */
  private String train(Path out, boolean resume, int code, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path err = folder.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.pathsFirst=true",
                "-Dorg.bytedeco.javacpp.platform.linkpath=" + System.getenv("LD_LIBRARY_PATH"),
                "-cp",
                System.getProperty("java.class.path"),
                CudaReplicasTest.class.getName(),
                out.toString(),
                Boolean.toString(resume))
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("FIZZY_STANDIN_REPORT", folder.resolve("report").toString());
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + Files.readString(err));
    }
    assertEquals(code, process.exitValue(), Files.readString(err));
    assertEquals(0, figure("violations"), Files.readString(err));
    assertEquals(0, figure("leaks"), Files.readString(folder.resolve("report")));
    return Files.readString(err);
  }

  private long figure(String name) throws IOException {
    for (String line : Files.readAllLines(folder.resolve("report"))) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1));
      }
    }
    throw new AssertionError("no " + name);
  }

  private static int steps(Path out) throws IOException {
    return Files.readAllLines(out.resolve("metrics.jsonl")).size();
  }

  /** Nobody waits for the lost one, the last checkpoint is whole, and the run goes on from it. */
  @Test
  void aLostGpuStopsBothAndTheRunGoesOn() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    train(whole, false, 0, Map.of());
    List<Long> executed = new ArrayList<>();
    for (int gpu = 0; gpu < 2; gpu++) {
      executed.add(figure("executed_" + gpu));
    }
    for (int gpu = 0; gpu < 2; gpu++) {
      Path cut = folder.resolve("cut" + gpu);
      Map<String, String> losing =
          Map.of(
              "FIZZY_STANDIN_LOSE_DEVICE",
              Integer.toString(gpu),
              "FIZZY_STANDIN_LOSE_AFTER",
              Long.toString(executed.get(gpu) * 2 / 3));
      String err = train(cut, false, 1, losing);
      assertTrue(err.contains("sentence: " + (gpu == 0 ? "the GPU" : "cuda:1: the GPU")), err);
      assertTrue(err.contains("the GPU stopped: "), err);
      assertTrue(err.contains("the last good checkpoint is"), err);
      int before = steps(cut);
      assertTrue(before > 2 && before < STEPS, before + " steps before the loss");
      train(cut, true, 0, Map.of());
      assertEquals(STEPS, steps(cut));
      String checkpoint = "checkpoint.safetensors";
      assertEquals(-1, Files.mismatch(whole.resolve(checkpoint), cut.resolve(checkpoint)));
    }
  }
}
