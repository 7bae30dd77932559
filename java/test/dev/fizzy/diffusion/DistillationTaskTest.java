package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.UNet;
import dev.fizzy.nn.Layer;
import dev.fizzy.rival.Ours;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a student is taught, computed again in double from the predictions of its teacher. */
class DistillationTaskTest {
  private static final ModelConfig TINY = ModelConfig.load("tiny");
  private static final NoiseSchedule SCHEDULE = TINY.diffusion().noise();
  private static final long SEED = 3;
  private static final double WEIGHT = 3;
  private static final int SIZE = TINY.unet().size();
  private static final int WIDTH = TINY.unet().contextInput();

  private static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, .4, 1})
  void aStudentLearnsItsTeachersGuidance(double parallel) {
    float[] latents = random(SIZE * SIZE * TINY.unet().latentChannels());
    float[] context = random(WIDTH);
    DiffusionTask.Examples examples =
        new DiffusionTask.Examples(new float[][] {latents}, null, new float[][] {context});
    Distillation wanted = Distillation.of(TINY, new GuidanceRange(WEIGHT, WEIGHT), parallel, 0, 0);
    DistillationTask task = new DistillationTask(TINY, wanted, examples, 1, DType.F32, SEED);
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, task.graph().parameters(), Region.VALUES, Region.GRADIENTS)) {
      Ours.randomize(parameters, 5);
      for (Parameters.Slot slot : parameters.slots()) { // a student of zeros predicts zeros
        if (!slot.parameter().name().startsWith(DistillationTask.TEACHER)) {
          parameters.write(Region.VALUES, slot, new float[(int) slot.parameter().elements()]);
        }
      }
      try (Program program = new Program(task.graph(), device, parameters)) {
        program.load();
        for (long step = 0; step < 3; step++) {
          task.feed(program, step);
          program.run();
          double expected = loss(device, parameters, latents, context, step, parallel);
          double loss = program.read(task.metrics().get("loss"))[0];
          assertEquals(expected, loss, 1e-5 * expected);
        }
      }
    }
  }

  /** The loss of a student that predicts zeros. */
  private static double loss(
      Device device, Parameters known, float[] latents, float[] context, long step, double share) {
    int time = new Philox(SEED, Philox.Purpose.TIMESTEP, step).nextInt(1000);
    double alpha = SCHEDULE.alpha(time);
    double sigma = SCHEDULE.sigma(time);
    Prediction predicted = Prediction.of(TINY.diffusion().prediction());
    double kx = predicted.ofState(alpha, sigma);
    double kp = predicted.ofPrediction(alpha, sigma);

    Graph g = new Graph(DType.F32);
    Tensor x0 =
        g.input("x0", DType.F32, Stage.EVALUATION, 1, SIZE, SIZE, latents.length / SIZE / SIZE);
    Tensor a = g.input("alpha", DType.F32, Stage.EVALUATION, 1);
    Tensor s = g.input("sigma", DType.F32, Stage.EVALUATION, 1);
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, 1, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, 1);
    Tensor identity = g.input("identity", DType.F32, Stage.EVALUATION, 1, WIDTH);
    UNet teacher = new UNet(new Layer(g, DistillationTask.TEACHER, true), TINY.unet());
    Tensor x = g.output(QSample.of(x0, a, s, rows, random, false).xt());
    Tensor right = g.output(teacher.predict(x, t, teacher.embedContext(identity)));
    Tensor empty = g.output(teacher.predict(x, t, teacher.emptyContext(1)));
    try (Program program = new Program(g, device, known)) {
      program.load();
      program.write(x0, latents);
      program.write(a, (float) alpha);
      program.write(s, (float) sigma);
      program.write(rows, new int[2]);
      program.write(random, new int[] {(int) SEED, 0, (int) step, 0});
      program.write(t, time);
      program.write(identity, context);
      program.run();
      float[] state = program.read(x);
      float[] c = program.read(right);
      float[] u = program.read(empty);
      double along = 0;
      double square = 0;
      for (int i = 0; i < c.length; i++) {
        double clean = kx * state[i] + kp * c[i];
        along += clean * (c[i] - u[i]);
        square += clean * clean;
      }
      double sum = 0;
      for (int i = 0; i < c.length; i++) {
        double clean = kx * state[i] + kp * c[i];
        double kept = (WEIGHT - 1) * (1 - share) * along / square * clean;
        sum += Math.pow(u[i] + WEIGHT * (c[i] - u[i]) - kept, 2);
      }
      double snr = alpha * alpha / (sigma * sigma);
      assertTrue(along != 0, "a change that has no parallel part proves nothing");
      return Math.max(snr, 1) * kp * kp * sum / c.length;
    }
  }
}
