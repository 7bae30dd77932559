package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.model.ModelConfig.DiffusionConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains the denoiser (Ho et al. 2020) on precomputed latents with their contexts; half of them are
 * mirrored. Loss: mean squared error of the prediction, weighted as the {@link Objective} says.
 */
public final class DiffusionTask implements TrainingTask {
  /**
   * Training data in memory.
   *
   * @param latents of each face, [S,S,z], scaled to unit standard deviation
   * @param mirrored latents of the mirrored faces, or null to train without mirroring
   * @param contexts context of each face
   * @param people the person of each face, counted from 0
   */
  public record Examples(float[][] latents, float[][] mirrored, float[][] contexts, int[] people) {
    /** Faces of as many people. */
    public Examples(float[][] latents, float[][] mirrored, float[][] contexts) {
      this(latents, mirrored, contexts, IntStream.range(0, latents.length).toArray());
    }
  }

  /**
   * The rows of a batch that this device computes if several devices share it. The input of a row
   * does not depend on the device.
   *
   * @param rank from 0
   * @param ranks number of devices, which compute equal parts
   */
  public record Part(int rank, int ranks) {
    public static final Part WHOLE = new Part(0, 1);
  }

  private final Examples examples;
  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final Objective objective;
  private final ContextSource.Choice contexts;
  private final Epochs epochs;
  private final long seed;
  private final int batch;
  private final Part part;
  private final Graph graph;
  private final Tensor x0;
  private final Tensor t;
  private final Tensor alpha;
  private final Tensor sigma;
  private final Tensor identity;
  private final Tensor rows;
  private final Tensor random;
  private final Tensor loss;
  private final Tensor roots;
  private Tensor zeros;
  private final float[] latentBuffer;
  private final float[] contextBuffer;

  public DiffusionTask(
      UNetConfig config,
      DiffusionConfig process,
      Examples examples,
      int batch,
      DType type,
      long seed) {
    this(config, process, Objective.PUBLISHED, examples, batch, type, seed, Part.WHOLE);
  }

  /**
   * @param totalBatch rows per step on all devices together
   */
  public DiffusionTask(
      UNetConfig config,
      DiffusionConfig process,
      Objective objective,
      Examples examples,
      int totalBatch,
      DType type,
      long seed,
      Part part) {
    if (totalBatch % part.ranks() != 0) {
      throw new EngineException(
          "a batch of " + totalBatch + " cannot be divided among " + part.ranks() + " devices");
    }
    if (examples.latents().length == 0) {
      throw new EngineException("there are no examples to train on");
    }
    this.examples = examples;
    this.schedule = process.noise();
    this.prediction = Prediction.of(process.prediction());
    this.objective = objective;
    this.contexts = objective.contexts().among(examples.contexts(), examples.people());
    this.epochs = new Epochs(seed, examples.latents().length);
    this.seed = seed;
    this.batch = totalBatch / part.ranks();
    this.part = part;
    int s = config.size();
    graph = new Graph(type);
    x0 = input("x0", batch, s, s, config.latentChannels());
    t = input("t", batch);
    alpha = input("alpha", batch);
    sigma = input("sigma", batch);
    identity = input("identity", batch, config.contextInput());
    rows = graph.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    random = graph.input("random", DType.I32, Stage.EVALUATION, 4);
    QSample q = QSample.of(x0, alpha, sigma, rows, random, prediction == Prediction.V);
    UNet unet = new UNet(graph, config);
    Tensor context = null;
    if (unet.conditional()) {
      context =
          ContextDropout.of(
              unet.embedContext(Cast.of(identity, type)),
              emptyContext(unet, config, process.emptyContext()),
              (float) process.contextDropout(),
              (float) process.emptyContext(),
              rows,
              random);
    }
    roots = objective.minSnr() > 0 ? input("roots", batch) : null;
    loss = graph.output(error(unet.predict(q.xt(), t, context), q.target()));
    graph.backward(loss);
    latentBuffer = new float[Math.toIntExact(x0.elements())];
    contextBuffer = new float[Math.toIntExact(identity.elements())];
  }

  /** The mean squared error, with a weight a row: of both times the weight's root. */
  private Tensor error(Tensor predicted, Tensor target) {
    return roots == null
        ? Loss.mse(predicted, target)
        : Loss.mse(Rows.scaled(Cast.of(predicted, DType.F32), roots), Rows.scaled(target, roots));
  }

  /** The empty context: the learned one, or zeros as in the published training. */
  private Tensor emptyContext(UNet unet, UNetConfig config, double emptyContext) {
    if (unet.hasEmptyContext() || emptyContext == 0) {
      return unet.emptyContext();
    }
    zeros = graph.input("zeros", DType.F32, Stage.MODEL, config.contextChannels());
    return zeros;
  }

  private Tensor input(String name, int... shape) {
    return graph.input(name, DType.F32, Stage.EVALUATION, shape);
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
  public int batch() {
    return batch;
  }

  @Override
  public void feed(Program program, long step) {
    Philox times = new Philox(seed, Philox.Purpose.TIMESTEP, step);
    Philox flips = new Philox(seed, Philox.Purpose.FLIP, step);
    Philox others = new Philox(seed, Philox.Purpose.OTHER_IMAGE, step);
    float[] ts = new float[batch];
    float[] alphas = new float[batch];
    float[] sigmas = new float[batch];
    int[] positions = new int[2 * batch];
    int latent = latentBuffer.length / batch;
    int width = contextBuffer.length / batch;
    int first = part.rank() * batch;
    int totalBatch = part.ranks() * batch;
    for (int row = 0; row < totalBatch; row++) {
      int time = objective.times().draw(times, schedule);
      boolean flip = examples.mirrored() != null && flips.nextInt() < 0;
      int example = epochs.example(step * totalBatch + row);
      float[] context = contexts.of(example, others);
      int i = row - first;
      if (i < 0 || i >= batch) {
        continue;
      }
      ts[i] = time;
      alphas[i] = (float) schedule.alpha(time);
      sigmas[i] = (float) schedule.sigma(time);
      positions[2 * i] = row;
      float[][] from = flip ? examples.mirrored() : examples.latents();
      System.arraycopy(from[example], 0, latentBuffer, i * latent, latent);
      System.arraycopy(context, 0, contextBuffer, i * width, width);
    }
    if (roots != null) {
      program.write(roots, roots(alphas, sigmas));
    }
    if (zeros != null) {
      program.write(zeros, new float[Math.toIntExact(zeros.elements())]);
    }
    program.write(x0, latentBuffer);
    program.write(t, ts);
    program.write(alpha, alphas);
    program.write(sigma, sigmas);
    program.write(identity, contextBuffer);
    program.write(rows, positions);
    program.write(random, new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
  }

  private float[] roots(float[] alphas, float[] sigmas) {
    float[] result = new float[batch];
    for (int i = 0; i < batch; i++) {
      result[i] = (float) Math.sqrt(prediction.minSnr(alphas[i], sigmas[i], objective.minSnr()));
    }
    return result;
  }
}
