package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.UNetConfig;
import org.junit.jupiter.api.Test;

class SimilarityConditionTest {
  private static final ModelConfig TINY =
      ModelConfig.parse(
          ModelConfig.load("tiny")
              .toJson()
              .replace("\"context_input\":512", "\"context_input\":2,\"context_similarity\":true"));

  /** Vectors of two people: at 0 and 60 degrees, and one at 90 of length 2. */
  private static final float[][] VECTORS = {{1, 0}, {.5f, (float) Math.sqrt(.75)}, {0, 2}};

  private static DiffusionTask.Examples examples() {
    UNetConfig u = TINY.unet();
    float[][] latents = new float[3][u.size() * u.size() * u.latentChannels()];
    return new DiffusionTask.Examples(latents, null, VECTORS, new int[] {0, 0, 1});
  }

  @Test
  void faceIsGivenItsCosineToThePersonsMean() {
    Objective objective = new Objective(new TrainingTimes.Uniform(), 0, ContextSource.MEAN, null);
    DiffusionTask task =
        new DiffusionTask(
            TINY.unet(),
            TINY.diffusion(),
            objective,
            examples(),
            3,
            DType.F32,
            1,
            DiffusionTask.Part.WHOLE);
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, task.graph().parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(task.graph(), device, parameters)) {
      task.feed(program, 0);
      float[] given = program.read(program.input("identity"));
      double sums = 0;
      for (int row = 0; row < 3; row++) {
        boolean first = given[3 * row + 1] < 1;
        double angle = first ? Math.PI / 6 : Math.PI / 2;
        double length = first ? 1 : 2;
        assertEquals(length * Math.cos(angle), given[3 * row], 1e-6);
        assertEquals(length * Math.sin(angle), given[3 * row + 1], 1e-6);
        assertEquals(first ? Math.cos(Math.PI / 6) : 1, given[3 * row + 2], 1e-6);
        sums += given[3 * row + 2];
      }
      assertEquals(2 * Math.cos(Math.PI / 6) + 1, sums, 1e-6);
    }
  }

  @Test
  void theMeanIsThatOfTheTrainingFaces() {
    assertEquals(
        (2 * Math.cos(Math.PI / 6) + 1) / 3,
        SimilarityCondition.mean(examples(), ContextSource.MEAN),
        1e-6);
    assertArrayEquals(new float[] {1, 0, .25f}, SimilarityCondition.with(VECTORS[0], .25));
  }
}
