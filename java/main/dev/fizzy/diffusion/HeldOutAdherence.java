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
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.model.VqAutoencoderConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Draws a face of each of some held-out people with the averaged weights and measures, with a
 * judge, how near it is to the context that it was asked for, and whether it is nearer to that than
 * to the other held-out people's contexts. Noise and contexts are the same at every measurement.
 */
public final class HeldOutAdherence implements AutoCloseable {
  /** Faces that are drawn at a time. */
  public static final int BATCH = 16;

  private final float[][] contexts;
  private final float[][] directions;
  private final int faces;
  private final Parameters frozen;
  private final Tensor images;
  private final Tensor vectors;
  private final Workers<Drawer> workers;

  /** What draws faces, decodes them and judges them. */
  private record Drawer(LatentDrawer latents, Autoencoding decoder, Program judge)
      implements Workers.Network<Drawer> {
    @Override
    public Drawer twin() {
      return new Drawer(latents.twin(), decoder.twin(), judge.twin());
    }

    @Override
    public long activationBytes() {
      return latents.activationBytes() + decoder.activationBytes() + judge.activationBytes();
    }

    @Override
    public void close() {
      latents.close();
      decoder.close();
      judge.close();
    }
  }

  /**
   * @param autoencoder weights of the decoder
   * @param scale of the latents
   * @param directions the contexts that the judge compares with, one of each held-out person
   * @param contexts what the network is given for each
   * @param people to draw, at most as many as there are
   * @param latents draws with the averaged weights, in batches of {@link #BATCH}
   */
  public HeldOutAdherence(
      Device device,
      VqAutoencoderConfig config,
      Parameters autoencoder,
      double scale,
      float[][] directions,
      float[][] contexts,
      Judge judge,
      int people,
      DType type,
      Function<Device, LatentDrawer> latents) {
    this.contexts = contexts;
    this.directions = Arrays.stream(directions).map(Vectors::unit).toArray(float[][]::new);
    this.faces = Math.min(people, contexts.length);
    Graph graph = new Graph(type);
    int s = config.imageSize();
    images = graph.input("faces", DType.U8, Stage.EVALUATION, BATCH, s, s, 3);
    vectors = graph.output(L2Normalize.of(judge.embed(ImageToTensor.of(images, type))).y());
    frozen = new Parameters(device, graph.parameters(), Region.VALUES);
    judge.fill(frozen);
    workers =
        Workers.beside(
            device,
            (faces + BATCH - 1) / BATCH,
            own ->
                new Drawer(
                    latents.apply(own),
                    Autoencoding.decoder(
                        own, config, autoencoder, Region.VALUES, BATCH, type, scale),
                    new Program(new Plan(graph, own), own, frozen)));
  }

  /**
   * {@code adherence}, the mean cosine of a face to its context; {@code retrieval_top1}, the share
   * of faces whose context is the nearest of all; {@code retrieval_rank}, the median rank of the
   * faces' contexts, 1 for the nearest.
   */
  Map<String, Double> measure() {
    workers.onFirst(drawer -> drawer.latents.load());
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
    drawer.judge.write(images, drawer.latents.draw(wanted, null, rows, 0, drawer.decoder).get());
    drawer.judge.run(Stage.EVALUATION);
    float[] all = drawer.judge.read(vectors);
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
