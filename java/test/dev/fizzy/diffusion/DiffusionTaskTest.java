package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.rival.Ours;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiffusionTaskTest {
  private static final ModelConfig TINY = ModelConfig.load("tiny");
  private static final long SEED = 3;

  private static float[][] rows(int count, int width) {
    SplittableRandom random = new SplittableRandom(width);
    float[][] rows = new float[count][width];
    for (float[] row : rows) {
      for (int i = 0; i < width; i++) {
        row[i] = (float) random.nextDouble(-1, 1);
      }
    }
    return rows;
  }

  private static double loss(
      ModelConfig config, Objective objective, Device device, long step, float[][] latents) {
    DiffusionTask task =
        new DiffusionTask(
            config.unet(),
            config.diffusion(),
            objective,
            new DiffusionTask.Examples(latents, null, rows(latents.length, 512)),
            1,
            DType.F32,
            SEED,
            DiffusionTask.Part.WHOLE);
    try (Parameters parameters =
            new Parameters(device, task.graph().parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(task.graph(), device, parameters)) {
      Ours.randomize(parameters, 5);
      program.load();
      task.feed(program, step);
      program.run();
      return program.read(task.metrics().get("loss"))[0];
    }
  }

  /** The weight of a face at a time, from the same draw without weights. */
  @ParameterizedTest
  @EnumSource(Prediction.class)
  void minSnrWeighsEachFace(Prediction prediction) {
    ModelConfig config =
        ModelConfig.parse(
            TINY.toJson().replace("\"eps\"", '"' + prediction.name().toLowerCase() + '"'));
    float[][] latents = rows(3, 8 * 8 * 3);
    Objective weighted = new Objective(new TrainingTimes.Uniform(), 5, ContextSource.SAME, null);
    double least = 1;
    try (Device device = new CpuDevice()) {
      for (long step = 0; step < 6; step++) {
        int time = new Philox(SEED, Philox.Purpose.TIMESTEP, step).nextInt(1000);
        double ab = config.diffusion().noise().alphaBar(time);
        double snr = ab / (1 - ab);
        double weight =
            Math.min(snr, 5) / (prediction == Prediction.V ? snr + 1 : snr); // Hang et al., 3.4
        double plain = loss(config, Objective.PUBLISHED, device, step, latents);
        assertEquals(weight * plain, loss(config, weighted, device, step, latents), 1e-4 * plain);
        least = Math.min(least, weight);
      }
    }
    assertTrue(least < .5, "weights of one prove nothing");
  }
}
