package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.TensorToImage;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.VqAutoencoder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws a face of each of some held-out people with the averaged weights and measures, with a
 * judge, how near it is to the context that it was asked for, and whether it is nearer to that than
 * to the other held-out people's contexts. Noise and contexts are the same at every measurement.
 */
final class HeldOutAdherence implements AutoCloseable {
  private static final int BATCH = 16;

  private final float[][] contexts;
  private final float[][] directions;
  private final int faces;
  private final double scale;
  private final Parameters frozen;
  private final Tensor latents;
  private final Tensor vectors;
  private final Workers<Drawer> workers;

  /** A sampler, and the decoder with the judge behind it. */
  private record Drawer(LatentSampler sampler, Program program) implements Workers.Network<Drawer> {
    @Override
    public Drawer twin() {
      return new Drawer(sampler.twin(), program.twin());
    }

    @Override
    public long activationBytes() {
      return sampler.activationBytes() + program.activationBytes();
    }

    @Override
    public void close() {
      sampler.close();
      program.close();
    }
  }

  /**
   * @param unet parameters of the training, with averages
   * @param autoencoder weights of the decoder
   * @param contexts one of each held-out person
   * @param similarity that faces are drawn with, where the network takes one
   */
  HeldOutAdherence(
      Device device,
      ModelConfig config,
      Parameters unet,
      Parameters autoencoder,
      float[][] contexts,
      double similarity,
      HeldOut.Drawing settings,
      DType type) {
    this.contexts =
        !config.denoiser().contextSimilarity()
            ? contexts
            : Arrays.stream(contexts)
                .map(context -> SimilarityCondition.with(context, similarity))
                .toArray(float[][]::new);
    this.directions = Arrays.stream(contexts).map(Vectors::unit).toArray(float[][]::new);
    this.faces = Math.min(settings.people(), contexts.length);
    this.scale = config.diffusion().latentScale();
    SamplingPlan plan =
        settings
            .sampler()
            .plan(
                config.diffusion().noise(),
                Prediction.of(config.diffusion().prediction()),
                Math.min(settings.steps(), config.diffusion().steps()),
                (float) settings.guidance(),
                0);
    Graph graph = new Graph(type);
    int s = config.denoiser().size();
    latents =
        graph.input(
            "z", DType.F32, Stage.EVALUATION, BATCH, s, s, config.denoiser().latentChannels());
    VqAutoencoder decoder = new VqAutoencoder(graph, config.autoencoder(), true);
    Tensor codes = Cast.of(decoder.quantize(latents).quantized(), type);
    Tensor bytes = TensorToImage.of(decoder.decode(codes));
    Tensor embedded = settings.judge().embed(ImageToTensor.of(bytes, type));
    vectors = graph.output(L2Normalize.of(embedded).y());
    frozen = new Parameters(device, graph.parameters(), Region.VALUES);
    frozen.copy(Region.VALUES, autoencoder, Region.VALUES);
    settings.judge().fill(frozen);
    workers =
        Workers.beside(
            device,
            (faces + BATCH - 1) / BATCH,
            own ->
                new Drawer(
                    new LatentSampler(
                        own,
                        config.denoiser(),
                        unet,
                        Region.AVERAGE,
                        plan,
                        BATCH,
                        type,
                        settings.guidance() != 1
                            ? LatentSampler.Conditioning.AWAY_FROM_EMPTY
                            : LatentSampler.Conditioning.CONTEXT),
                    new Program(new Plan(graph, own), own, frozen)));
  }

  /**
   * {@code adherence}, the mean cosine of a face to its context; {@code retrieval_top1}, the share
   * of faces whose context is the nearest of all; {@code retrieval_rank}, the median rank of the
   * faces' contexts, 1 for the nearest.
   */
  Map<String, Double> measure() {
    workers.onFirst(drawer -> drawer.sampler.load());
    double[] cosines = new double[faces];
    int[] ranks = new int[faces];
    workers.forEach(
        (faces + BATCH - 1) / BATCH,
        (drawer, number) -> {
          int from = number * BATCH;
          float[][] drawn = draw(drawer, from);
          for (int i = 0; i < BATCH && from + i < faces; i++) {
            float[] face = drawn[i];
            double own = Vectors.dot(face, directions[from + i]);
            cosines[from + i] = own;
            ranks[from + i] =
                1 + (int) Arrays.stream(directions).filter(d -> Vectors.dot(face, d) > own).count();
          }
        });
    Arrays.sort(ranks);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("adherence", Arrays.stream(cosines).average().orElseThrow());
    figures.put(
        "retrieval_top1", (double) Arrays.stream(ranks).filter(r -> r == 1).count() / faces);
    figures.put("retrieval_rank", (ranks[(faces - 1) / 2] + ranks[faces / 2]) / 2.);
    return figures;
  }

  /** Unit vectors of the faces of a batch of people; the last person fills a short batch. */
  private float[][] draw(Drawer drawer, int from) {
    float[][] wanted = new float[BATCH][];
    int[] rows = new int[2 * BATCH];
    for (int i = 0; i < BATCH; i++) {
      int person = Math.min(from + i, faces - 1);
      wanted[i] = contexts[person];
      rows[2 * i] = person;
    }
    float[] z = drawer.sampler.sample(wanted, rows, 0);
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) (z[i] / scale);
    }
    drawer.program.write(latents, z);
    drawer.program.run(Stage.EVALUATION);
    float[] all = drawer.program.read(vectors);
    int width = all.length / BATCH;
    float[][] each = new float[BATCH][];
    for (int i = 0; i < BATCH; i++) {
      each[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return each;
  }

  @Override
  public void close() {
    workers.close();
    frozen.close();
  }
}
