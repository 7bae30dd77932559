package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.UNet;
import dev.fizzy.rival.Ours;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole loops of the configuration {@code tiny} from fixed seeds, against numbers written down when
 * every part had been proved alone: they move when the mathematics of any part does, and no more
 * than rounding from one processor to the next.
 */
class GoldenTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final double ROUNDING = 1e-3;
  private static final double[] LOSSES = {
    1.372292, 1.195699, 1.098847, 0.967946, 0.967246, 0.878100, 0.879906, 0.825806, 0.882172,
    0.840859
  };

  private final ModelConfig config = ModelConfig.load("tiny");

  /** Every parameter of the U-Net, the empty context's too, at random. */
  private Parameters parameters(Device device, Region... regions) {
    Graph g = new Graph(DType.F32);
    UNet unet = new UNet(g, config.unet());
    int size = config.unet().size();
    unet.predict(
        g.input("x", DType.F32, Stage.EVALUATION, 1, size, size, config.unet().latentChannels()),
        g.input("t", DType.F32, Stage.EVALUATION, 1),
        unet.embedContext(
            g.input("identity", DType.F32, Stage.EVALUATION, 1, config.unet().contextInput())));
    unet.emptyContext();
    Parameters parameters = new Parameters(device, g.parameters(), regions);
    Ours.randomize(parameters, 5);
    return parameters;
  }

  private static float[][] random(int rows, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] all = new float[rows][width];
    for (float[] row : all) {
      for (int i = 0; i < width; i++) {
        row[i] = (float) random.nextDouble(-1, 1);
      }
    }
    return all;
  }

  @Test
  void tenTrainingLosses() {
    int latent = config.unet().size() * config.unet().size() * config.unet().latentChannels();
    DiffusionTask.Examples examples =
        new DiffusionTask.Examples(
            random(6, latent, 1), random(6, latent, 2), random(6, config.unet().contextInput(), 3));
    DiffusionTask task =
        new DiffusionTask(config.unet(), config.diffusion(), examples, 4, DType.F32, 17);
    Optimizer optimizer = new Optimizer.Adam(LearningRate.constant(1e-3, 0), Ema.published(), 1);
    double[] losses = new double[10];
    try (Device device = open();
        Parameters parameters = parameters(device, TrainingLoop.regions(optimizer));
        TrainingLoop loop = new TrainingLoop(task, device, parameters, optimizer, 0)) {
      loop.run(10, r -> losses[(int) r.step() - 1] = r.values().get("loss"));
    }
    assertArrayEquals(LOSSES, losses, ROUNDING * losses[0], java.util.Arrays.toString(losses));
  }

  /**
   * Sum and root mean square of two images' latents after ten guided steps, with v-prediction: of
   * an untrained network's eps the first image would be hundreds of deviations away.
   */
  @ParameterizedTest
  @CsvSource({
    "ddpm, 35.1312, 1.211825",
    "ddim, 36.7211, 1.157271",
    "ddim:0.5, 40.6891, 1.154985",
    "dpm++, 29.6540, 1.344223",
    "dpm++:3, 34.3585, 1.382634",
    "unipc, 30.8835, 1.359840",
    "unipc:3, 33.4206, 1.338277"
  })
  void tenSamplingSteps(String sampler, double sum, double rms) {
    NoiseSchedule schedule =
        NoiseSchedule.of(config.diffusion().schedule(), config.diffusion().steps());
    Sampler named = Sampler.of(sampler);
    Sampler full = named.spacing() == null ? named : named.spaced(Spacing.FULL);
    SamplingPlan plan = full.plan(schedule, Prediction.V, 10, 2, 0);
    float[] x;
    try (Device device = open();
        Parameters parameters = parameters(device, Region.VALUES);
        LatentSampler draws =
            new LatentSampler(
                device,
                config.unet(),
                parameters,
                Region.VALUES,
                plan,
                2,
                DType.F32,
                LatentSampler.Conditioning.AWAY_FROM_EMPTY)) {
      x = draws.sample(random(2, config.unet().contextInput(), 4), new int[] {0, 0, 7, 1}, 23);
    }
    double total = 0;
    double squares = 0;
    for (float value : x) {
      total += value;
      squares += (double) value * value;
    }
    double root = Math.sqrt(squares / x.length);
    assertEquals(rms, root, ROUNDING * root, sampler + " sum " + total + " rms " + root);
    assertEquals(sum, total, ROUNDING * root * x.length, sampler);
  }
}
