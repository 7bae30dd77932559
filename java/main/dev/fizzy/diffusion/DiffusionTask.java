package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.engine.op.WeightedSum;
import dev.fizzy.model.Denoiser;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains the denoiser (Ho et al. 2020) on precomputed latents with their contexts; half of them are
 * mirrored. Loss: mean squared error of the prediction, and the terms that the {@link Objective}
 * adds.
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

  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final Objective objective;
  private final TrainingFaces faces;
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
  private final Tensor roots;
  private final Map<String, Tensor> metrics = new LinkedHashMap<>();
  private final IdentityLoss identityLoss;
  private final DiffusionTask plain;
  private Tensor zeros;

  public DiffusionTask(
      DenoiserConfig config,
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
      DenoiserConfig config,
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
    this.schedule = process.noise();
    this.prediction = Prediction.of(process.prediction());
    this.objective = objective;
    this.faces = new TrainingFaces(examples, objective, schedule, seed);
    this.seed = seed;
    this.batch = totalBatch / part.ranks();
    this.part = part;
    int s = config.size();
    graph = new Graph(type);
    x0 = input("x0", batch, s, s, config.latentChannels());
    t = input("t", batch);
    alpha = input("alpha", batch);
    sigma = input("sigma", batch);
    rows = graph.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    random = graph.input("random", DType.I32, Stage.EVALUATION, 4);
    QSample q = QSample.of(x0, alpha, sigma, rows, random, prediction == Prediction.V);
    Denoiser unet = config.record(graph);
    Tensor context = null;
    identity = unet.conditional() ? input("identity", batch, config.contextWidth()) : null;
    if (unet.conditional()) {
      context =
          DroppedContext.of(
              unet,
              Cast.of(identity, type),
              emptyContext(unet, config, process.emptyContext()),
              process,
              rows,
              random);
    }
    roots = objective.minSnr() > 0 ? input("roots", batch) : null;
    Tensor predicted = unet.predict(q.xt(), t, context);
    Tensor loss = graph.output(error(predicted, q.target()));
    metrics.put("loss", loss);
    IdentityObjective wanted = objective.identity();
    if (wanted == null) {
      identityLoss = null;
      plain = null;
      graph.backward(loss);
      return;
    }
    identityLoss = new IdentityLoss(wanted, process, q.xt(), predicted, seed, part.ranks());
    metrics.put("identity", graph.output(identityLoss.loss()));
    float[] weights = {1, (float) wanted.weight()};
    graph.backward(WeightedSum.of(weights, loss, identityLoss.loss()));
    plain =
        wanted.every() == 1
            ? null
            : new DiffusionTask(
                config, process, objective.plain(), examples, totalBatch, type, seed, part);
  }

  /** The mean squared error, with a weight a row: of both times the weight's root. */
  private Tensor error(Tensor predicted, Tensor target) {
    return roots == null
        ? Loss.mse(predicted, target)
        : Loss.mse(Rows.scaled(Cast.of(predicted, DType.F32), roots), Rows.scaled(target, roots));
  }

  /** The empty context: the learned one, or zeros as in the published training. */
  private Tensor emptyContext(Denoiser unet, DenoiserConfig config, double emptyContext) {
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
    return metrics;
  }

  /** Without the loss for identity at the steps that have none. */
  @Override
  public TrainingTask at(long step) {
    return plain == null || step % objective.identity().every() == 0 ? this : plain;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public void feed(Program program, long step) {
    TrainingFaces.Face[] drawn = faces.of(step, part, batch);
    int latent = Math.toIntExact(x0.elements()) / batch;
    int width = identity == null ? 0 : identity.dim(1);
    float[] latents = new float[batch * latent];
    float[] contexts = new float[batch * width];
    float[] times = new float[batch];
    float[] alphas = new float[batch];
    float[] sigmas = new float[batch];
    float[] root = new float[batch];
    int[] positions = new int[2 * batch];
    for (int i = 0; i < batch; i++) {
      TrainingFaces.Face face = drawn[i];
      double a = schedule.alpha(face.time());
      double s = schedule.sigma(face.time());
      times[i] = face.time();
      alphas[i] = (float) a;
      sigmas[i] = (float) s;
      root[i] = (float) Math.sqrt(prediction.minSnr(a, s, objective.minSnr()));
      positions[2 * i] = face.row();
      System.arraycopy(face.latents(), 0, latents, i * latent, latent);
      if (identity != null) {
        SimilarityCondition.write(face.context(), face.own(), contexts, i * width, width);
      }
    }
    if (zeros != null) {
      program.write(zeros, new float[Math.toIntExact(zeros.elements())]);
    }
    if (roots != null) {
      program.write(roots, root);
    }
    program.write(x0, latents);
    program.write(t, times);
    program.write(alpha, alphas);
    program.write(sigma, sigmas);
    if (identity != null) {
      program.write(identity, contexts);
    }
    program.write(rows, positions);
    program.write(random, new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
    if (identityLoss != null) {
      identityLoss.feed(program, step, drawn);
    }
  }
}
