package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.diffusion.LatentSampler.Conditioning;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guidance away from another network's prediction, against the same loop in double. */
class AutoguidanceTest {
  private static final ModelConfig MODEL = ModelConfig.load("tiny");
  private static final int BATCH = 2;
  private static final int SEED = 23;
  private static final float WEIGHT = 2.5f;

  /** A smaller network, with the given conditioning. */
  private static ModelConfig guide(String conditioning) {
    return ModelConfig.parse(
        MODEL
            .toJson()
            .replace("CROSS_ATTENTION", conditioning)
            .replace("\"base_channels\":16", "\"base_channels\":8")
            .replace("\"head_channels\":16", "\"head_channels\":8")
            .replace("\"context_channels\":16", "\"context_channels\":8"));
  }

  private static List<Parameter> parameters(ModelConfig config) {
    return Recorded.graph(config, Network.UNET, 1, DType.F32, false).parameters();
  }

  private static void fill(Parameters parameters) {
    for (Parameters.Slot slot : parameters.slots()) {
      SplittableRandom random = new SplittableRandom(slot.parameter().name().hashCode());
      float[] values = new float[(int) slot.parameter().elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-.2, .2);
      }
      parameters.write(Region.VALUES, slot, values);
    }
  }

  private static float[][] contexts(double scale) {
    float[][] contexts = new float[BATCH][MODEL.unet().contextInput()];
    for (int i = 0; i < BATCH; i++) {
      for (int k = 0; k < contexts[i].length; k++) {
        contexts[i][k] = (float) (scale * Math.sin(k + 5 * i));
      }
    }
    return contexts;
  }

  private static float[] predict(
      ModelConfig config, Parameters weights, double[] x, float t, float[][] contexts) {
    Graph graph = Recorded.graph(config, Network.UNET, BATCH, DType.F32, false);
    try (Program program = new Program(graph, weights.device(), weights)) {
      float[] state = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        state[i] = (float) x[i];
      }
      program.write(program.input("x"), state);
      program.write(program.input("t"), new float[] {t, t});
      if (config.unet().conditional()) {
        int width = config.unet().contextInput();
        float[] flat = new float[BATCH * width];
        for (int i = 0; i < BATCH; i++) {
          System.arraycopy(contexts[i], 0, flat, i * width, width);
        }
        program.write(program.input("identity"), flat);
      }
      program.run();
      return program.read(graph.outputs().get(0));
    }
  }

  /**
   * DDIM: x0 = (x - sigma p)/alpha, x' = alpha' x0 + sigma' p, p = u + w (c - u) less a share of
   * what is parallel to (x - sigma c)/alpha, see {@link #guided}.
   */
  @ParameterizedTest
  @CsvSource({
    "CROSS_ATTENTION, AWAY_FROM_GUIDE, 0",
    "ADAPTIVE_GROUP_NORM, AWAY_FROM_NEGATIVE, .25",
    "NONE, AWAY_FROM_GUIDE, 1"
  })
  void leadsAwayFromTheGuidesPrediction(String kind, Conditioning conditioning, double parallel) {
    ModelConfig guide = guide(kind);
    NoiseSchedule schedule = MODEL.diffusion().noise();
    SamplingPlan plan =
        new GuidanceTimes(0, Integer.MAX_VALUE, Integer.MAX_VALUE, false, parallel)
            .apply(new Ddim(0).plan(schedule, Prediction.EPS, 3, 1, 0), WEIGHT, schedule);
    float[][] contexts = contexts(.05);
    float[][] negatives = contexts(-.2);
    List<Parameter> both = new ArrayList<>(parameters(MODEL));
    parameters(guide).forEach(p -> both.add(p.within(Predictions.GUIDE)));
    try (Device device = new CpuDevice();
        Parameters own = new Parameters(device, parameters(MODEL), Region.VALUES);
        Parameters other = new Parameters(device, parameters(guide), Region.VALUES);
        Parameters all = new Parameters(device, both, Region.VALUES)) {
      fill(own);
      fill(other);
      all.copy(Region.VALUES, own, Region.VALUES);
      all.copyWithin(Predictions.GUIDE, Region.VALUES, other, Region.VALUES);
      float[] drawn;
      try (LatentSampler sampler =
          new LatentSampler(
              device,
              MODEL.unet(),
              guide.unet(),
              all,
              Region.VALUES,
              plan,
              BATCH,
              DType.F32,
              conditioning,
              null)) {
        drawn = sampler.sample(contexts, negatives, new int[] {0, 0, 1, 0}, SEED);
      }
      float[] start = SamplerRig.noise(BATCH, drawn.length / BATCH, SEED);
      double[] x = new double[start.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = start[i];
      }
      float[][] led = conditioning == Conditioning.AWAY_FROM_NEGATIVE ? negatives : contexts;
      for (int step = 0; step < plan.steps(); step++) {
        int t = (int) plan.timesteps()[step];
        int next = step + 1 < plan.steps() ? (int) plan.timesteps()[step + 1] : -1;
        float[] c = predict(MODEL, own, x, t, contexts);
        float[] u = predict(guide, other, x, t, led);
        double[] p = guided(x, c, u, schedule.alpha(t), schedule.sigma(t), parallel);
        for (int i = 0; i < x.length; i++) {
          double x0 = (x[i] - schedule.sigma(t) * p[i]) / schedule.alpha(t);
          x[i] = schedule.alpha(next) * x0 + schedule.sigma(next) * p[i];
        }
      }
      double scale = 0;
      for (double value : x) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int i = 0; i < x.length; i++) {
        assertEquals(x[i], drawn[i], 1e-4 * scale, "latent " + i + " of scale " + scale);
      }
    }
  }

  /**
   * u + w d - (w - 1) (1 - parallel) (&lt;d, X&gt; / &lt;X, X&gt;) X for each image, with d = c - u
   * and X = (x - sigma c)/alpha.
   */
  private static double[] guided(
      double[] x, float[] c, float[] u, double alpha, double sigma, double parallel) {
    double[] p = new double[x.length];
    int size = x.length / BATCH;
    for (int first = 0; first < x.length; first += size) {
      double along = 0;
      double square = 0;
      for (int i = first; i < first + size; i++) {
        double clean = (x[i] - sigma * c[i]) / alpha;
        along += ((double) c[i] - u[i]) * clean;
        square += clean * clean;
      }
      double less = (WEIGHT - 1) * (1 - parallel) * along / square;
      for (int i = first; i < first + size; i++) {
        double clean = (x[i] - sigma * c[i]) / alpha;
        p[i] = u[i] + WEIGHT * ((double) c[i] - u[i]) - less * clean;
      }
    }
    return p;
  }
}
