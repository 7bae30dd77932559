package dev.fizzy.cli;

import dev.fizzy.autoregression.AutoregressiveTask;
import dev.fizzy.autoregression.CodedFaces;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.DiffusionTask;
import dev.fizzy.diffusion.Distillation;
import dev.fizzy.diffusion.DistillationTask;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import dev.fizzy.training.TrainingTask;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * One evaluation of a network or one step of its training, with random inputs.
 *
 * @param regions of the parameters that it needs
 * @param feed writes the inputs
 */
record NetworkWork(Graph graph, List<Region> regions, Consumer<Program> feed) {
  private static final double RATE = 1e-4;
  private static final int SEED = 1;

  /** An evaluation of a graph. */
  static NetworkWork evaluation(Graph graph) {
    return new NetworkWork(graph, List.of(Region.VALUES), NetworkWork::randomInputs);
  }

  /** The step that `fizzy train` repeats: forward, backward and optimizer. */
  static NetworkWork training(ModelConfig config, Recorded.Network network, int batch, DType type) {
    return switch (network) {
      case UNET ->
          step(
              config.autoregressive() == null
                  ? diffusion(config, batch, type)
                  : autoregressive(config, batch, type));
      case AUTOENCODER -> step(autoencoder(config, batch, type));
      default ->
          step(
              Recorded.graph(config, network, batch, type, true),
              adam(),
              NetworkWork::randomInputs);
    };
  }

  /** The step of `fizzy train recognizer`, with a head for some classes. */
  static NetworkWork training(IResNetConfig config, int batch, DType type) {
    Graph graph = Recorded.recognizer(config, batch, type, true);
    Optimizer sgd = new Optimizer.Sgd(LearningRate.constant(RATE, 0), .9, 5e-4, 0);
    return step(graph, sgd, NetworkWork::randomInputs);
  }

  private static Optimizer adam() {
    return new Optimizer.Adam(LearningRate.constant(RATE, 0), Ema.published(), 1);
  }

  private static NetworkWork step(TrainingTask task) {
    return step(task.graph(), adam(), program -> task.feed(program, 0));
  }

  private static NetworkWork step(Graph graph, Optimizer optimizer, Consumer<Program> feed) {
    List<Optimizer.Recorded> recorded = optimizer.record(graph);
    return new NetworkWork(
        graph,
        List.of(TrainingLoop.regions(optimizer)),
        program -> {
          feed.accept(program);
          recorded.forEach(each -> each.write(program, 0, 0));
        });
  }

  /**
   * The step of `fizzy train distill`.
   *
   * @param teacherSteps in each of the student's; 0 for guidance alone
   */
  static NetworkWork distillation(ModelConfig teacher, int teacherSteps, int batch, DType type) {
    Distillation.checkTeacher(teacher);
    GuidanceRange known = teacher.unet().guidance();
    Distillation wanted =
        new Distillation(
            known == null ? new GuidanceRange(1, 5) : known,
            known == null ? 0. : null,
            teacherSteps == 0 ? 0 : 1, // the number does not matter
            teacherSteps);
    return step(new DistillationTask(teacher, wanted, example(teacher), batch, type, SEED));
  }

  private static TrainingTask diffusion(ModelConfig config, int batch, DType type) {
    return new DiffusionTask(
        config.denoiser(), config.diffusion(), example(config), batch, type, SEED);
  }

  private static TrainingTask autoregressive(ModelConfig config, int batch, DType type) {
    AutoregressiveConfig network = config.autoregressive();
    int[][] codes = {new int[network.tokens()]};
    float[] codebook = random(network.codes() * network.latentChannels());
    return new AutoregressiveTask(
        network,
        new CodedFaces.Examples(
            new CodedFaces(codes, codes, codebook),
            new float[][] {random(network.contextInput())},
            new int[1]),
        ContextSource.SAME,
        batch,
        type,
        SEED,
        DiffusionTask.Part.WHOLE);
  }

  private static DiffusionTask.Examples example(ModelConfig config) {
    int s = config.denoiser().size();
    float[][] latents = {random(s * s * config.denoiser().latentChannels())};
    float[][] contexts = {random(config.denoiser().contextInput())};
    return new DiffusionTask.Examples(latents, latents, contexts);
  }

  private static TrainingTask autoencoder(ModelConfig config, int batch, DType type) {
    int s = config.autoencoder().imageSize();
    byte[] face = new byte[3 * s * s];
    new Random(SEED).nextBytes(face);
    return new AutoencoderTask(
        config.autoencoder(),
        new AutoencoderTask.Objective(false, null, 0, 0, null),
        1,
        i -> face,
        batch,
        type,
        SEED);
  }

  private static void randomInputs(Program program) {
    for (Tensor input : program.graph().inputs().values()) {
      int elements = Math.toIntExact(input.elements());
      switch (input.type()) {
        case I32 -> program.write(input, new int[elements]); // valid labels
        case F32 -> program.write(input, random(elements));
        default -> {} // neither graph has others
      }
    }
  }

  private static float[] random(int count) {
    Random random = new Random(SEED);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The parameters on a device, all zero. */
  Parameters parameters(Device device) {
    return new Parameters(device, graph.parameters(), regions.toArray(Region[]::new));
  }
}
