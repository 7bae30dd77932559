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
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.model.Denoiser;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The unweighted loss of the averaged weights on held-out faces with their own contexts, without
 * dropout, in bands of time. Faces, times and noise are the same at every measurement, so that two
 * measurements differ by the weights alone.
 */
final class ValidationLoss implements HeldOutValidation.Loss {
  private static final int BATCH = 32;
  private static final int BATCHES = 4;
  private static final int BANDS = 5;

  private final DiffusionTask.Examples faces;
  private final NoiseSchedule schedule;
  private final boolean conditional;
  private final int contextWidth;
  private final Graph graph;
  private final Tensor loss;
  private final Workers<Program> workers;

  /**
   * @param parameters of the training, with averages
   */
  ValidationLoss(
      Device device,
      ModelConfig model,
      Parameters parameters,
      DiffusionTask.Examples faces,
      DType type) {
    DenoiserConfig config = model.denoiser();
    DiffusionConfig process = model.diffusion();
    this.faces = faces;
    this.schedule = process.noise();
    graph = new Graph(type);
    int s = config.size();
    Tensor x0 = input(graph, "x0", BATCH, s, s, config.latentChannels());
    Tensor rows = graph.input("rows", DType.I32, Stage.EVALUATION, BATCH, 2);
    Tensor random = graph.input("random", DType.I32, Stage.EVALUATION, 4);
    boolean velocity = Prediction.of(process.prediction()) == Prediction.V;
    QSample q =
        QSample.of(
            x0, input(graph, "alpha", BATCH), input(graph, "sigma", BATCH), rows, random, velocity);
    Denoiser unet = config.record(graph);
    conditional = unet.conditional();
    contextWidth = config.contextWidth();
    Tensor context =
        conditional
            ? unet.embedContext(Cast.of(input(graph, "identity", BATCH, contextWidth), type))
            : null;
    Tensor predicted = unet.predict(q.xt(), input(graph, "t", BATCH), context);
    loss = graph.output(Loss.mse(predicted, q.target()));
    workers =
        Workers.beside(
            device,
            BANDS * BATCHES,
            own -> new Program(new Plan(graph, own), own, parameters, Region.AVERAGE));
  }

  private static Tensor input(Graph graph, String name, int... shape) {
    return graph.input(name, DType.F32, Stage.EVALUATION, shape);
  }

  /** {@code validation_loss}, then {@code validation_loss_FROM_TO} of each band of times. */
  @Override
  public Map<String, Double> measure() {
    workers.onFirst(Program::load);
    double[] losses = new double[BANDS * BATCHES];
    workers.forEach(
        losses.length,
        (program, i) ->
            losses[i] = batch(program, from(i / BATCHES), from(i / BATCHES + 1), i % BATCHES));
    Map<String, Double> bands = new LinkedHashMap<>();
    double total = 0;
    for (int band = 0; band < BANDS; band++) {
      double sum = 0;
      for (int k = 0; k < BATCHES; k++) {
        sum += losses[band * BATCHES + k];
      }
      total += sum / BATCHES;
      bands.put("validation_loss_" + from(band) + "_" + (from(band + 1) - 1), sum / BATCHES);
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("validation_loss", total / BANDS);
    figures.putAll(bands);
    return figures;
  }

  /** The first time of a band. */
  private int from(int band) {
    return (int) ((long) schedule.times() * band / BANDS);
  }

  /** The loss of a batch whose times are spread over the band [from, to). */
  private double batch(Program program, int from, int to, int number) {
    int latent = faces.latents()[0].length;
    float[] latents = new float[BATCH * latent];
    float[] contexts = new float[BATCH * contextWidth];
    Arrays.fill(contexts, 1); // the similarity of a face to its own context, where there is one
    float[] times = new float[BATCH];
    float[] alphas = new float[BATCH];
    float[] sigmas = new float[BATCH];
    int[] rows = new int[2 * BATCH];
    for (int i = 0; i < BATCH; i++) {
      int place = number + i * BATCHES; // a batch has times of the whole band
      int time = from + (int) ((place + .5) / (BATCH * BATCHES) * (to - from));
      int face = face(place);
      times[i] = time;
      alphas[i] = (float) schedule.alpha(time);
      sigmas[i] = (float) schedule.sigma(time);
      rows[2 * i] = place;
      rows[2 * i + 1] = from;
      System.arraycopy(faces.latents()[face], 0, latents, i * latent, latent);
      float[] context = faces.contexts()[face];
      System.arraycopy(context, 0, contexts, i * contextWidth, context.length);
    }
    program.write(program.input("x0"), latents);
    program.write(program.input("t"), times);
    program.write(program.input("alpha"), alphas);
    program.write(program.input("sigma"), sigmas);
    if (conditional) {
      program.write(program.input("identity"), contexts);
    }
    program.write(program.input("rows"), rows);
    program.write(program.input("random"), new int[4]);
    program.run(Stage.EVALUATION);
    return program.read(loss)[0];
  }

  /** Spreads the places over the faces; in an order without regard to time if there are more. */
  private int face(int place) {
    int count = faces.latents().length;
    int places = BATCH * BATCHES;
    int shuffled = place * 37 % places; // 37 and 128 have no common divisor
    return count >= places ? (int) ((long) shuffled * count / places) : shuffled % count;
  }

  @Override
  public void close() {
    workers.close();
  }
}
