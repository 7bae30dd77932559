package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.ProjectedGuidance;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.nn.Layer;
import dev.fizzy.training.TrainingTask;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains a student on the predictions of its teacher, which is frozen in the same graph, at noisy
 * latents of faces. Loss: the squared error of x0, weighted by max(SNR, 1) (Salimans and Ho 2022).
 */
public final class DistillationTask implements TrainingTask {
  /** What the names of the teacher's parameters begin with. */
  public static final String TEACHER = "teacher";

  /**
   * Input of what guidance takes for each face, a row of {@link SamplerStep}; the number follows.
   */
  private static final String COEFFICIENTS = "coefficients";

  private static final String FACES = "faces";

  /** Input of the zero vector, where it is the empty context. */
  private static final String ZEROS = "zeros";

  private final Distillation distillation;
  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final TrainingFaces faces;
  private final long seed;
  private final int batch;
  private final Graph graph;
  private final UNet teacher;
  private final Tensor identity;
  private final Tensor guidance;
  private final Tensor context;
  private final Tensor empty;
  private final Tensor loss;

  /**
   * @param of the teacher, with the scale of the latents
   * @param batch faces per step
   */
  public DistillationTask(
      ModelConfig of,
      Distillation distillation,
      DiffusionTask.Examples examples,
      int batch,
      DType type,
      long seed) {
    if (examples.latents().length == 0) {
      throw new EngineException("there are no examples to train on");
    }
    this.distillation = distillation;
    this.schedule = of.diffusion().noise();
    this.prediction = Prediction.of(of.diffusion().prediction());
    this.faces = new TrainingFaces(examples, Objective.PUBLISHED, schedule, seed);
    this.seed = seed;
    this.batch = batch;
    graph = new Graph(type);
    UNetConfig config = of.unet();
    int s = config.size();
    Tensor x0 = input("x0", batch, s, s, config.latentChannels());
    Tensor rows = graph.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    Tensor random = graph.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor noisy =
        QSample.of(x0, input("alpha", batch), input("sigma", batch), rows, random, false).xt();
    identity = input("identity", batch, config.contextInput());
    guidance = input("guidance", batch);
    UNet student = new UNet(graph, config.guided(distillation.guidance()));
    teacher = new UNet(new Layer(graph, TEACHER, true), config);
    context = teacher.embedContext(Cast.of(identity, type));
    empty = teacher.guided() ? null : emptyContext(config);
    Tensor t = input("t", batch);
    Tensor predicted =
        student.predict(noisy, t, guidance, student.embedContext(Cast.of(identity, type)));
    Tensor target = target(noisy, t);
    Tensor root = input("root", batch);
    loss =
        graph.output(
            Loss.mse(Rows.scaled(Cast.of(predicted, DType.F32), root), Rows.scaled(target, root)));
    graph.backward(loss);
  }

  private Tensor emptyContext(UNetConfig config) {
    return teacher.hasEmptyContext()
        ? teacher.emptyContext(batch)
        : Cast.of(input(ZEROS, batch, config.contextChannels()), graph.compute());
  }

  private Tensor input(String name, int... shape) {
    return graph.input(name, DType.F32, Stage.EVALUATION, shape);
  }

  /** What the student should predict, f32. */
  private Tensor target(Tensor noisy, Tensor t) {
    Tensor begin = Cast.of(noisy, DType.F32);
    Tensor first = taught(begin, t, 0);
    if (distillation.steps() == 0) {
      return first;
    }
    Tensor x = begin;
    Tensor predicted = first;
    for (int i = 0; i < distillation.teacherSteps(); i++) {
      if (i > 0) {
        predicted = taught(x, input("t" + i, batch), i);
      }
      x = sum(x, "state" + i, predicted, "prediction" + i);
    }
    return sum(x, "target_end", begin, "target_begin");
  }

  /**
   * The teacher's prediction with guidance, f32.
   *
   * @param x f32
   * @param number of the teacher's evaluation
   */
  private Tensor taught(Tensor x, Tensor t, int number) {
    Tensor given = Cast.of(x, graph.compute());
    if (teacher.guided()) {
      return Cast.of(teacher.predict(given, t, guidance, context), DType.F32);
    }
    Tensor both =
        Rows.stacked(teacher.predict(given, t, context), teacher.predict(given, t, empty));
    return ProjectedGuidance.of(
        x,
        both,
        input(COEFFICIENTS + number, batch, SamplerStep.COEFFICIENTS),
        faces(),
        distillation.parallel().floatValue());
  }

  /** I32 [B]: 0 to B - 1, so that each face has its own row of coefficients. */
  private Tensor faces() {
    Tensor known = graph.inputs().get(FACES);
    return known == null ? graph.input(FACES, DType.I32, Stage.EVALUATION, batch) : known;
  }

  /** Row by row a fa + b fb, with factors that are inputs of these names. */
  private Tensor sum(Tensor a, String fa, Tensor b, String fb) {
    return Add.of(Rows.scaled(a, factor(fa)), Rows.scaled(b, factor(fb)));
  }

  private Tensor factor(String name) {
    Tensor known = graph.inputs().get(name);
    return known == null ? input(name, batch) : known;
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
    DistillationInputs inputs = new DistillationInputs(program.graph(), batch);
    TrainingFaces.Face[] drawn = faces.of(step, DiffusionTask.Part.WHOLE, batch);
    Philox weights = new Philox(seed, Philox.Purpose.GUIDANCE, step);
    int[] positions = new int[2 * batch];
    double least = distillation.guidance().least();
    double range = distillation.guidance().most() - least;
    for (int i = 0; i < batch; i++) {
      TrainingFaces.Face face = drawn[i];
      double weight = least + range * weights.nextFloat();
      positions[2 * i] = face.row();
      inputs.row(i, "x0", face.latents());
      inputs.row(i, "identity", face.own());
      inputs.set(i, "guidance", UNet.guidanceInput(weight));
      steps(inputs, i, distillation.times(schedule, face.time()), weight);
    }
    if (graph.inputs().containsKey(FACES)) {
      program.write(program.input(FACES), IntStream.range(0, batch).toArray());
    }
    Tensor zeros = graph.inputs().get(ZEROS);
    if (zeros != null) {
      program.write(zeros, new float[Math.toIntExact(zeros.elements())]);
    }
    inputs.write(program);
    program.write(program.input("rows"), positions);
    program.write(
        program.input("random"), new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
  }

  /** Writes what depends on the times and the guidance weight of a row. */
  private void steps(DistillationInputs inputs, int row, int[] times, double weight) {
    double alpha = schedule.alpha(times[0]);
    double sigma = schedule.sigma(times[0]);
    double kp = prediction.ofPrediction(alpha, sigma);
    double snr = alpha * alpha / (sigma * sigma);
    inputs.set(row, "alpha", alpha);
    inputs.set(row, "sigma", sigma);
    inputs.set(row, "t", times[0]);
    inputs.set(row, "root", Math.sqrt(Math.max(snr, 1)) * Math.abs(kp));
    for (int i = 0; i < Math.max(1, distillation.teacherSteps()); i++) {
      inputs.row(row, COEFFICIENTS + i, coefficients(times[i], weight));
    }
    if (times.length == 1) {
      return;
    }
    TeacherSteps taught = TeacherSteps.of(schedule, prediction, times);
    for (int i = 0; i + 1 < times.length; i++) {
      inputs.set(row, "t" + i, times[i]);
      inputs.set(row, "state" + i, taught.state()[i]);
      inputs.set(row, "prediction" + i, taught.prediction()[i]);
    }
    inputs.set(row, "target_end", taught.end());
    inputs.set(row, "target_begin", taught.begin());
  }

  /** A row of {@link SamplerStep} with what guidance takes of it. */
  private float[] coefficients(int time, double weight) {
    double alpha = schedule.alpha(time);
    double sigma = schedule.sigma(time);
    float[] row = new float[SamplerStep.COEFFICIENTS];
    row[0] = (float) prediction.ofState(alpha, sigma);
    row[1] = (float) prediction.ofPrediction(alpha, sigma);
    row[SamplerStep.GUIDANCE] = (float) weight;
    return row;
  }
}
