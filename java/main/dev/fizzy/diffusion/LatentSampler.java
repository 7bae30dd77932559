package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Duplicate;
import dev.fizzy.engine.op.Noise;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws latents in batches of a fixed size. What depends on the identity alone (context tokens,
 * their keys and values) is computed once a batch of identities, what depends on the step alone
 * (every scale and shift) once a step.
 *
 * <p>An image depends on the seed, its identity and image number and its context, not on the batch
 * it is drawn in.
 */
public final class LatentSampler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LatentSampler.class);

  /** Images at a time; more make no processor faster and overflow what indexes them. */
  private static final int MOST = 4_096;

  /** In deviations: f32 does not tell from here which code is the nearest. */
  private static final float FARTHEST = 1e6f;

  private final SamplingPlan sampling;
  private final int batch;
  private final int latent;
  private final int width;
  private final Program noise;
  private final Tensor noiseOut;
  private final Program program;
  private final Tensor x;
  private final Tensor t;
  private final Tensor identity;
  private final Tensor history;
  private final Tensor step;
  private final float[] timeBuffer;
  private Tensor zeros;

  /**
   * @param weights hold every parameter of the U-Net
   * @param region VALUES, or AVERAGE while training
   * @param guided whether the plan's guidance weight is to be applied, which doubles the work
   * @param conditional false draws with the empty context (an unconditional model's samples)
   */
  public LatentSampler(
      Device device,
      UNetConfig config,
      Parameters weights,
      Region region,
      SamplingPlan sampling,
      int batch,
      DType type,
      boolean guided,
      boolean conditional) {
    if (batch < 1 || batch > MOST) {
      throw new EngineException("a batch has 1 to " + MOST + " images, not " + batch);
    }
    Graph g = new Graph(type);
    UNet unet = new UNet(g, config);
    this.sampling = sampling;
    this.batch = batch;
    this.width = config.contextInput();
    int s = config.size();
    int[] shape = {batch, s, s, config.latentChannels()};
    this.latent = s * s * config.latentChannels();
    this.timeBuffer = new float[unet.sharedTimes(guided ? 2 * batch : batch)];

    Graph noiseGraph = new Graph(DType.F32);
    Tensor noiseRows = noiseGraph.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    Tensor noiseRandom = noiseGraph.input("random", DType.I32, Stage.EVALUATION, 4);
    noiseOut = noiseGraph.output(Noise.normal(noiseGraph, noiseRows, noiseRandom, shape));
    noise = new Program(noiseGraph, device, null);

    x = g.input("x", DType.F32, Stage.EVALUATION, shape);
    int past = sampling.past();
    history =
        past == 0
            ? null
            : g.input(
                "history", DType.F32, Stage.EVALUATION, past, batch, s, s, config.latentChannels());
    t = g.input("t", DType.F32, Stage.STEP, timeBuffer.length);
    step = g.input("step", DType.I32, Stage.STEP, 1);
    identity = g.input("identity", DType.F32, Stage.IDENTITY, batch, config.contextInput());
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor coefficients =
        g.input("coefficients", DType.F32, Stage.MODEL, sampling.steps(), SamplerStep.COEFFICIENTS);
    Tensor context = null;
    if (unet.conditional()) {
      Tensor known = conditional ? unet.embedContext(Cast.of(identity, type)) : null;
      Tensor unknown = guided || !conditional ? nobody(g, unet, config) : null;
      context = guided ? stack(known, unknown) : conditional ? known : unknown;
    }
    Tensor noisy = Cast.of(x, type);
    Tensor prediction = unet.predict(guided ? Duplicate.of(noisy) : noisy, t, context);
    SamplerStep.of(x, prediction, history, coefficients, step, rows, random);
    program = new Program(new Plan(g, device), device, weights, region);
    program.write(coefficients, sampling.coefficients());
    if (zeros != null) {
      program.write(zeros, new float[Math.toIntExact(zeros.elements())]);
    }
  }

  /**
   * The context of nobody, [B,contextChannels]: the learned one, or where none was learned zeros,
   * which the published sampler takes there.
   */
  private Tensor nobody(Graph g, UNet unet, UNetConfig config) {
    if (unet.hasEmptyContext()) {
      return unet.emptyContext(batch);
    }
    log.info("the model has no learned empty context: the zero vector stands for nobody");
    zeros = g.input("nobody", DType.F32, Stage.IDENTITY, batch, config.contextChannels());
    return Cast.of(zeros, g.compute());
  }

  /** Two batches as one: [B,W] and [B,W] to [2B,W]. */
  private static Tensor stack(Tensor a, Tensor b) {
    int n = Math.toIntExact(a.elements());
    Tensor joined = Concat.of(Reshape.of(a, 1, n), Reshape.of(b, 1, n));
    return Reshape.of(joined, 2 * a.dim(0), a.dim(1));
  }

  public int batch() {
    return batch;
  }

  /**
   * Draws one batch.
   *
   * @param contexts [batch][contextInput]; rows beyond those wanted repeat any other
   * @param rows identity and image number of each, [batch*2]
   * @return latents [batch*S*S*z], scaled as in training; finite, and none that no code is near
   */
  public float[] sample(float[][] contexts, int[] rows, long seed) {
    float[] flat = new float[batch * width];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(contexts[i], 0, flat, i * width, width);
    }
    int[] random = {(int) seed, (int) (seed >>> 32), 0, 0};
    noise.write(noise.input("rows"), rows);
    noise.write(noise.input("random"), random);
    noise.run();
    program.write(x, noise.read(noiseOut));
    if (history != null) {
      program.write(history, new float[sampling.past() * batch * latent]);
    }
    program.write(identity, flat);
    program.write(program.input("rows"), rows);
    program.write(program.input("random"), random);
    program.run(Stage.IDENTITY);
    for (int i = 0; i < sampling.steps(); i++) {
      Arrays.fill(timeBuffer, sampling.timesteps()[i]);
      program.write(t, timeBuffer);
      program.write(step, new int[] {i});
      program.run(Stage.STEP);
      program.run(Stage.EVALUATION);
    }
    return bounded(program.read(x), rows);
  }

  /** Latents that ran away, or are not finite, would be decoded to one and the same picture. */
  private float[] bounded(float[] latents, int[] rows) {
    for (int i = 0; i < latents.length; i++) {
      if (!(Math.abs(latents[i]) <= FARTHEST)) {
        int image = i / latent;
        throw new EngineException(
            "image "
                + rows[2 * image + 1]
                + " of identity "
                + rows[2 * image]
                + " has the latent "
                + latents[i]
                + ", where latents have a deviation of about 1: the guidance weight, the context or"
                + " the model's weights are too large");
      }
    }
    return latents;
  }

  @Override
  public void close() {
    noise.close();
    program.close();
  }
}
