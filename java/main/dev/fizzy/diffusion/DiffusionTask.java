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

/**
 * Trains the denoiser (Ho et al. 2020) on precomputed latents with their contexts; half of them are
 * mirrored. Loss: mean squared error of the prediction.
 */
public final class DiffusionTask implements TrainingTask {
  /**
   * Training data in memory.
   *
   * @param latents of each face, [S,S,z], scaled to unit standard deviation
   * @param mirrored latents of the mirrored faces, or null to train without mirroring
   * @param contexts context of each face
   */
  public record Examples(float[][] latents, float[][] mirrored, float[][] contexts) {}

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
    this(config, process, examples, batch, type, seed, Part.WHOLE);
  }

  /**
   * @param totalBatch rows per step on all devices together
   */
  public DiffusionTask(
      UNetConfig config,
      DiffusionConfig process,
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
    QSample q =
        QSample.of(
            x0, alpha, sigma, rows, random, Prediction.of(process.prediction()) == Prediction.V);
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
    loss = graph.output(Loss.mse(unet.predict(q.xt(), t, context), q.target()));
    graph.backward(loss);
    latentBuffer = new float[Math.toIntExact(x0.elements())];
    contextBuffer = new float[Math.toIntExact(identity.elements())];
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
    float[] ts = new float[batch];
    float[] alphas = new float[batch];
    float[] sigmas = new float[batch];
    int[] positions = new int[2 * batch];
    int latent = latentBuffer.length / batch;
    int width = contextBuffer.length / batch;
    int first = part.rank() * batch;
    int totalBatch = part.ranks() * batch;
    for (int row = 0; row < totalBatch; row++) {
      int time = times.nextInt(schedule.times());
      boolean flip = examples.mirrored() != null && flips.nextInt() < 0;
      int i = row - first;
      if (i < 0 || i >= batch) {
        continue;
      }
      ts[i] = time;
      alphas[i] = (float) schedule.alpha(time);
      sigmas[i] = (float) schedule.sigma(time);
      positions[2 * i] = row;
      int example = epochs.example(step * totalBatch + row);
      float[][] from = flip ? examples.mirrored() : examples.latents();
      System.arraycopy(from[example], 0, latentBuffer, i * latent, latent);
      System.arraycopy(examples.contexts()[example], 0, contextBuffer, i * width, width);
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
}
