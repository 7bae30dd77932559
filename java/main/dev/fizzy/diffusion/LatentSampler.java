package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Noise;
import dev.fizzy.engine.op.ProjectedGuidance;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.UNet;

/**
 * Draws latents in batches of a fixed size. Values that depend only on the identity (context
 * tokens, their keys and values) are computed once per batch, values that depend only on the step
 * once for all steps, and values that depend on both once per step.
 *
 * <p>An image depends on the seed, its identity and image number and its context, not on the other
 * images of the batch.
 */
public final class LatentSampler implements LatentDrawer {
  /** Largest batch; larger ones are not faster and would overflow indices. */
  public static final int MAX_BATCH = 4_096;

  /** Largest absolute value of a latent; beyond it, f32 cannot determine the nearest code. */
  private static final float MAX_LATENT = 1e6f;

  /** What the network is given. */
  public enum Conditioning {
    /** The empty context: unconditional samples. */
    EMPTY,
    /** The context alone. */
    CONTEXT,
    /** Context and empty context, by the plan's guidance weights; twice the computation. */
    AWAY_FROM_EMPTY,
    /** The same, with the empty context's maps of self-attention in both halves (UIFace). */
    INJECTED,
    /** Context and negative context, by the plan's guidance weights; twice the computation. */
    AWAY_FROM_NEGATIVE,
    /** The context, for the network and for its guide, by the plan's guidance weights. */
    AWAY_FROM_GUIDE;

    boolean guided() {
      return this != EMPTY && this != CONTEXT;
    }
  }

  private final SamplingPlan sampling;
  private final int batch;
  private final int latent;
  private final int width;
  private final Program noise;
  private final Tensor noiseOut;
  private final Program program;
  private final Tensor x;
  private final Tensor t;
  private final Tensor history;
  private final Tensor step;
  private final Tensor coefficients;
  private final FirstPhase phase;
  private final Tensor prediction;
  private final InputReach reach;

  /** A sampler without another network that guides. */
  public LatentSampler(
      Device device,
      DenoiserConfig config,
      Parameters weights,
      Region region,
      SamplingPlan sampling,
      int batch,
      DType type,
      Conditioning conditioning) {
    this(device, config, null, weights, region, sampling, batch, type, conditioning, null);
  }

  /**
   * A sampler in BF16 whose layers' inputs are counted.
   *
   * @param weights VALUES are used
   */
  public LatentSampler(
      Device device,
      DenoiserConfig config,
      Parameters weights,
      SamplingPlan sampling,
      int batch,
      Conditioning conditioning,
      InputReach reach) {
    this(
        device,
        config,
        null,
        weights,
        Region.VALUES,
        sampling,
        batch,
        DType.BF16,
        conditioning,
        null,
        reach);
  }

  /**
   * @param guide the network that predicts what guidance leads away from, with its parameters under
   *     {@link Predictions#GUIDE}; null for the network itself
   * @param weights contain every parameter of the networks
   * @param sampling with the guidance weights, also those that the network takes as an input
   * @param region VALUES, or AVERAGE while training
   * @param phase in which images are drawn with the empty context; null for none
   */
  public LatentSampler(
      Device device,
      DenoiserConfig config,
      DenoiserConfig guide,
      Parameters weights,
      Region region,
      SamplingPlan sampling,
      int batch,
      DType type,
      Conditioning conditioning,
      FirstPhase phase) {
    this(device, config, guide, weights, region, sampling, batch, type, conditioning, phase, null);
  }

  private LatentSampler(
      Device device,
      DenoiserConfig config,
      DenoiserConfig guide,
      Parameters weights,
      Region region,
      SamplingPlan sampling,
      int batch,
      DType type,
      Conditioning conditioning,
      FirstPhase phase,
      InputReach reach) {
    if (batch < 1 || batch > MAX_BATCH) {
      throw new EngineException("a batch has 1 to " + MAX_BATCH + " images, not " + batch);
    }
    Graph g = new Graph(type);
    Predictions predictions = new Predictions(g, config, guide, batch, conditioning, phase != null);
    this.phase = phase;
    this.reach = reach;
    this.sampling = sampling;
    this.batch = batch;
    this.width = config.contextWidth();
    int s = config.size();
    int[] shape = {batch, s, s, config.latentChannels()};
    this.latent = s * s * config.latentChannels();

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
    t = g.input("t", DType.F32, Stage.MODEL, sampling.steps());
    step = g.input("step", DType.I32, Stage.STEP, 1);
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    coefficients =
        g.input("coefficients", DType.F32, Stage.MODEL, sampling.steps(), SamplerStep.COEFFICIENTS);
    prediction = predictions.of(Cast.of(x, g.compute()), t, step);
    if (phase != null) {
      g.output(prediction);
    }
    boolean projected = conditioning.guided() && sampling.parallel() != 1;
    Tensor guided =
        projected
            ? ProjectedGuidance.of(x, prediction, coefficients, step, sampling.parallel())
            : prediction;
    SamplerStep.of(x, guided, history, coefficients, step, rows, random);
    if (reach != null) {
      reach.keep(g);
    }
    program = new Program(new Plan(g, device), device, weights, region);
    writeConstants();
    writeTimes(); // once; twins share what depends on them
    program.run(Stage.MODEL);
  }

  private LatentSampler(LatentSampler first) {
    sampling = first.sampling;
    batch = first.batch;
    latent = first.latent;
    width = first.width;
    noise = first.noise.twin();
    noiseOut = first.noiseOut;
    program = first.program.twin();
    x = first.x;
    t = first.t;
    history = first.history;
    step = first.step;
    coefficients = first.coefficients;
    phase = first.phase;
    prediction = first.prediction;
    reach = first.reach;
    writeConstants();
  }

  private void writeConstants() {
    program.write(coefficients, sampling.coefficients());
    Tensor zeros = program.graph().inputs().get(Predictions.ZEROS);
    if (zeros != null) {
      program.write(zeros, new float[Math.toIntExact(zeros.elements())]);
    }
  }

  /** Writes the times of all steps, and the guidance weights where the network takes them. */
  private void writeTimes() {
    program.write(t, sampling.timesteps());
    Tensor guidance = program.graph().inputs().get(Predictions.GUIDANCE);
    if (guidance != null) {
      float[] weights = new float[sampling.steps()];
      for (int step = 0; step < weights.length; step++) {
        weights[step] = UNet.guidanceInput(sampling.guidance(step));
      }
      program.write(guidance, weights);
    }
  }

  @Override
  public LatentSampler twin() {
    return new LatentSampler(this);
  }

  @Override
  public long activationBytes() {
    return noise.activationBytes() + program.activationBytes();
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public void load() {
    program.load();
  }

  /** Draws one batch without negative contexts. */
  public float[] sample(float[][] contexts, int[] rows, long seed) {
    return sample(contexts, null, rows, seed);
  }

  /**
   * Draws one batch.
   *
   * @param contexts [batch][contextWidth]; unused rows may repeat any other
   * @param negatives the same for {@link Conditioning#AWAY_FROM_NEGATIVE}; else not read
   * @param rows identity and image number of each image, [batch*2]
   * @return latents [batch*S*S*z], scaled as in training; finite and not diverged
   */
  public float[] sample(float[][] contexts, float[][] negatives, int[] rows, long seed) {
    run(contexts, negatives, rows, seed);
    float[] latents = program.read(x);
    requireBounded(latents, rows);
    return latents;
  }

  /** {@inheritDoc} Throws, when the result is taken, if latents diverged. */
  @Override
  public Later<byte[]> draw(
      float[][] contexts, float[][] negatives, int[] rows, long seed, Autoencoding decoder) {
    run(contexts, negatives, rows, seed);
    return decoder
        .decode(program, x)
        .map(
            decoded -> {
              requireBounded(decoded.extremes(), rows);
              return decoded.pixels();
            });
  }

  private void run(float[][] contexts, float[][] negatives, int[] rows, long seed) {
    int[] random = {(int) seed, (int) (seed >>> 32), 0, 0};
    noise.write(noise.input("rows"), rows);
    noise.write(noise.input("random"), random);
    noise.run(Stage.EVALUATION);
    program.copy(x, noise, noiseOut, 0, x.elements());
    if (history != null) {
      program.write(history, new float[sampling.past() * batch * latent]);
    }
    Tensor identity = program.graph().inputs().get(Predictions.IDENTITY);
    if (identity != null) {
      program.write(identity, flat(contexts));
    }
    Tensor negative = program.graph().inputs().get(Predictions.NEGATIVE);
    if (negative != null) {
      program.write(negative, flat(negatives));
    }
    program.write(program.input("rows"), rows);
    program.write(program.input("random"), random);
    PhaseSwitch first = phase == null ? null : new PhaseSwitch(phase, batch);
    if (first == null) {
      program.run(Stage.IDENTITY);
    }
    for (int i = 0; i < sampling.steps(); i++) {
      if (first != null && first.changed(sampling.timesteps()[i])) {
        program.write(program.input(Predictions.SHARES), first.shares());
        program.run(Stage.IDENTITY);
      }
      float[] before = first == null || first.over() ? null : program.read(x);
      program.write(step, new int[] {i});
      program.run(Stage.STEP);
      program.run(Stage.EVALUATION);
      if (reach != null) {
        reach.count(program);
      }
      if (before != null) {
        first.predicted(sampling.clean(i, before, program.read(prediction)));
      }
    }
  }

  private float[] flat(float[][] vectors) {
    float[] flat = new float[batch * width];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(vectors[i], 0, flat, i * width, width);
    }
    return flat;
  }

  /**
   * Throws if latents diverged or are not finite; all would be decoded to the same image.
   *
   * @param latents as many of each image
   */
  private void requireBounded(float[] latents, int[] rows) {
    for (int i = 0; i < latents.length; i++) {
      if (!(Math.abs(latents[i]) <= MAX_LATENT)) {
        int image = i / (latents.length / batch);
        throw new EngineException(
            "image "
                + rows[2 * image + 1]
                + " of identity "
                + rows[2 * image]
                + " has the latent "
                + latents[i]
                + ", but latents have a standard deviation of about 1: the guidance weight, the"
                + " context or the model's weights are too large");
      }
    }
  }

  @Override
  public void close() {
    noise.close();
    program.close();
  }
}
