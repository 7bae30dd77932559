package dev.fizzy.bench;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Twin;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Replays of the tiny U-Net, to measure Java's overhead over the kernels: time and bytes allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class ReplayBenchmark {
  @Param({"F32", "BF16"})
  public DType type;

  @Param({"FORWARD", "STEP"})
  public Work work;

  private Device device;
  private Parameters parameters;
  private Ours ours;

  @Setup
  public void open() {
    Twin twin = Twin.unet("tiny", 2, 2);
    device = new CpuDevice();
    parameters = Ours.parameters(twin, device, 1, Comparison.regions(work));
    ours = Ours.of(twin, type, work, parameters);
    List<float[]> inputs = new ArrayList<>(Comparison.inputs(twin, work));
    if (work == Work.STEP) {
      inputs.add(Comparison.ADAM);
    }
    ours.write(inputs);
  }

  @Benchmark
  public void replay() {
    for (Stage stage : STAGES) {
      ours.program().run(stage);
    }
  }

  private static final Stage[] STAGES = Stage.values();

  @TearDown
  public void close() {
    ours.close();
    parameters.close();
    device.close();
  }

  static void run() throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(ReplayBenchmark.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
