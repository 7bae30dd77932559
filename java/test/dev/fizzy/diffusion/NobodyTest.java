package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models without a learned empty context, as all that were published: the zero vector stands for
 * nobody, as if zeros had been learned.
 */
class NobodyTest {
  private static final String EMPTY = "empty_context_embedding";
  private static final ModelConfig TINY = ModelConfig.load("tiny");

  private static ModelConfig config(Conditioning conditioning, boolean learned) {
    UNetConfig u = TINY.unet();
    return new ModelConfig(
        "nobody",
        TINY.autoencoder(),
        new UNetConfig(
            conditioning,
            u.size(),
            u.latentChannels(),
            u.patch(),
            u.baseChannels(),
            u.multipliers(),
            u.attention(),
            u.headChannels(),
            u.blocks(),
            u.contextInput(),
            u.contextChannels(),
            u.contextTokens(),
            learned,
            u.groups()),
        TINY.diffusion());
  }

  /** The same random weights for both configurations, zeros for the empty context. */
  private static Parameters parameters(Device device, ModelConfig config, Region... regions) {
    List<Parameter> all = Recorded.graph(config, Network.UNET, 1, DType.F32, false).parameters();
    Parameters parameters = new Parameters(device, all, regions);
    for (Parameters.Slot slot : parameters.slots()) {
      SplittableRandom random = new SplittableRandom(slot.parameter().name().hashCode());
      float[] values = new float[(int) slot.parameter().elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-.2, .2);
      }
      if (slot.parameter().name().equals(EMPTY)) {
        Arrays.fill(values, 0);
      }
      parameters.write(Region.VALUES, slot, values);
    }
    return parameters;
  }

  private static float[][] contexts(float value) {
    float[][] contexts = new float[2][TINY.unet().contextInput()];
    Arrays.fill(contexts[0], value);
    Arrays.fill(contexts[1], -value / 2);
    return contexts;
  }

  private static float[] draw(
      ModelConfig config, DType type, float guidance, boolean conditional, float context) {
    SamplingPlan plan = new Ddim(0).plan(config.diffusion().noise(), Prediction.V, 4, guidance, 0);
    try (Device device = new CpuDevice();
        Parameters parameters = parameters(device, config, Region.VALUES);
        LatentSampler sampler =
            new LatentSampler(
                device,
                config.unet(),
                parameters,
                Region.VALUES,
                plan,
                2,
                type,
                !conditional
                    ? LatentSampler.Conditioning.EMPTY
                    : guidance != 1
                        ? LatentSampler.Conditioning.AWAY_FROM_EMPTY
                        : LatentSampler.Conditioning.CONTEXT)) {
      return sampler.sample(contexts(context), new int[] {0, 0, 1, 0}, 3);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CROSS_ATTENTION, F32, 3, true",
    "CROSS_ATTENTION, BF16, 3, true",
    "CROSS_ATTENTION, F32, 1, false",
    "ADAPTIVE_GROUP_NORM, F32, 3, true"
  })
  void isTheZeroVector(Conditioning conditioning, DType type, float guidance, boolean conditional) {
    float[] zeros = draw(config(conditioning, true), type, guidance, conditional, .05f);
    assertArrayEquals(
        zeros, draw(config(conditioning, false), type, guidance, conditional, .05f), 0);
    float[] plain = draw(config(conditioning, false), type, 1, true, .05f);
    assertFalse(Arrays.equals(zeros, plain), "guidance changes nothing");
  }

  @Test
  void latentsThatAreNotFiniteAreRefused() {
    ModelConfig config = config(Conditioning.CROSS_ATTENTION, false);
    for (float[] bad : new float[][] {{1e30f, .05f}, {1, 1e38f}}) {
      String message =
          assertThrows(EngineException.class, () -> draw(config, DType.F32, bad[0], true, bad[1]))
              .getMessage();
      assertTrue(message.startsWith("image 0 of identity 0 has the latent"), message);
    }
  }

  /** Training that drops whole contexts, with zeros learned by nobody. */
  @Test
  void trainsWithoutALearnedEmptyContext() {
    double[] losses = new double[2];
    float[][] contexts = contexts(.05f);
    int latent = 8 * 8 * 3;
    float[][] latents = {new float[latent], new float[latent]};
    Arrays.fill(latents[1], .5f);
    Optimizer optimizer = new Optimizer.Adam(LearningRate.constant(1e-9, 0), Ema.published(), 1);
    for (int i = 0; i < 2; i++) {
      ModelConfig config = config(Conditioning.CROSS_ATTENTION, i == 1);
      DiffusionConfig process = new DiffusionConfig(1000, "linear", "eps", .25, .5, 1);
      DiffusionTask task =
          new DiffusionTask(
              config.unet(),
              process,
              new DiffusionTask.Examples(latents, null, contexts),
              8,
              DType.F32,
              5);
      try (Device device = new CpuDevice();
          Parameters parameters = parameters(device, config, TrainingLoop.regions(optimizer));
          TrainingLoop loop = new TrainingLoop(task, device, parameters, optimizer, 0)) {
        losses[i] = loop.step().values().get("loss");
      }
    }
    assertEquals(losses[1], losses[0], 0, "zeros given and zeros learned");
  }
}
