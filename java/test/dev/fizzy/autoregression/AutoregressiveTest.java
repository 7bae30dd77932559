package dev.fizzy.autoregression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.DiffusionTask.Part;
import dev.fizzy.diffusion.LatentSampler.Conditioning;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.AutoregressiveTransformer;
import dev.fizzy.model.CodeTokens;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A network on 3x3 codes, of which there are five. */
class AutoregressiveTest {
  private static final int N = 5;
  private static final int T = 9;
  private static final AutoregressiveConfig CONFIG =
      new AutoregressiveConfig(true, 3, 1, N, 32, 16, 2, 2, 0, .2);
  private static final float[] CODEBOOK = {-1, -.5f, 0, .5f, 1};

  /** The pictures of two people, whose contexts are the unit vectors, and their mirror images. */
  private static final int[][] CODES = {{0, 1, 2, 0, 1, 2, 4, 4, 4}, {3, 2, 1, 1, 2, 3, 0, 3, 0}};

  private static final int[][] MIRRORED = {
    {2, 1, 0, 2, 1, 0, 4, 4, 4}, {1, 2, 3, 3, 2, 1, 0, 3, 0}
  };
  private static final float[][] CONTEXTS = {{1, 0}, {0, 1}};

  private static CodedFaces.Examples faces(int... people) {
    return new CodedFaces.Examples(new CodedFaces(CODES, MIRRORED, CODEBOOK), CONTEXTS, people);
  }

  private static AutoregressiveTask task(AutoregressiveConfig config) {
    return new AutoregressiveTask(
        config, faces(0, 1), ContextSource.SAME, 8, DType.F32, 1, Part.WHOLE);
  }

  private static void randomize(Parameters parameters) {
    SplittableRandom random = new SplittableRandom(7);
    for (Parameters.Slot slot : parameters.slots()) {
      float[] values = new float[(int) slot.parameter().elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-.4, .4);
      }
      parameters.write(Region.VALUES, slot, values);
    }
  }

  /** Logits of all codes at once. */
  private static float[] whole(Device device, Parameters parameters, int[] codes, float[] context) {
    Graph g = new Graph(DType.F32);
    AutoregressiveTransformer network = new AutoregressiveTransformer(g, CONFIG);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, T, CONFIG.features());
    Tensor identity = g.input("identity", DType.F32, Stage.IDENTITY, 1, 2);
    Tensor y = g.output(network.logits(x, network.embedContext(identity)));
    float[] features = new float[T * CONFIG.features()];
    new CodeTokens(CONFIG, CODEBOOK).write(codes, features, 0);
    try (Program program = new Program(g, device, parameters)) {
      program.write(identity, context);
      program.write(x, features);
      program.run();
      return program.read(y);
    }
  }

  @Test
  void aCodeDependsOnThoseBeforeItAlone() {
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, task(CONFIG).graph().parameters(), Region.VALUES)) {
      randomize(parameters);
      float[] before = whole(device, parameters, CODES[0], CONTEXTS[0]);
      int[] changed = CODES[0].clone();
      changed[4] = 3;
      float[] after = whole(device, parameters, changed, CONTEXTS[0]);
      assertArrayEquals(Arrays.copyOf(before, 5 * N), Arrays.copyOf(after, 5 * N));
      for (int i = 5; i < T; i++) {
        assertFalse(
            Arrays.equals(before, i * N, (i + 1) * N, after, i * N, (i + 1) * N), "code " + i);
      }
    }
  }

  /** One code after the other, with kept keys and values, as all at once. */
  @Test
  void theMostProbableCodesAreThoseOfTheWholeNetwork() {
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, task(CONFIG).graph().parameters(), Region.VALUES)) {
      randomize(parameters);
      float[] latents;
      try (CodeSampler sampler = sampler(device, parameters, 0, 1, 1, Conditioning.CONTEXT)) {
        latents = sampler.sample(CONTEXTS, null, new int[] {0, 0}, 3);
      }
      int[] codes = new int[T];
      for (int i = 0; i < T; i++) {
        codes[i] = Arrays.binarySearch(CODEBOOK, latents[i]);
      }
      float[] logits = whole(device, parameters, codes, CONTEXTS[0]);
      for (int i = 0; i < T; i++) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int n = 0; n < N; n++) {
          largest = Math.max(largest, logits[i * N + n]);
        }
        assertEquals(largest, logits[i * N + codes[i]], 1e-5, "code " + i);
      }
    }
  }

  private static CodeSampler sampler(
      Device device,
      Parameters parameters,
      double temperature,
      double guidance,
      int batch,
      Conditioning conditioning) {
    return new CodeSampler(
        device,
        CONFIG,
        CODEBOOK,
        parameters,
        Region.VALUES,
        new CodeChoice(guidance, temperature, 0),
        batch,
        DType.F32,
        conditioning);
  }

  private static Parameters trained(Device device, AutoregressiveConfig config, int steps) {
    AutoregressiveTask task = task(config);
    Optimizer adam = new Optimizer.Adam(LearningRate.constant(4e-3, 10), Ema.published(), 1);
    Parameters parameters =
        new Parameters(device, task.graph().parameters(), TrainingLoop.regions(adam));
    parameters.initialize(1);
    try (TrainingLoop loop = new TrainingLoop(task, device, parameters, adam, 0)) {
      double first = loop.step().values().get("loss");
      assertEquals(Math.log(N), first, 1e-5, "nothing is learned before the first step");
      for (int i = 1; i < steps; i++) {
        loop.step();
      }
      double last = loop.step().values().get("loss");
      assertTrue(last < .35 * first, "the loss is " + last);
    }
    return parameters;
  }

  private static boolean drawn(float[] latents, int image, int person) {
    int[] codes = new int[T];
    for (int i = 0; i < T; i++) {
      codes[i] = Arrays.binarySearch(CODEBOOK, latents[image * T + i]);
    }
    return Arrays.equals(codes, CODES[person]) || Arrays.equals(codes, MIRRORED[person]);
  }

  /** The mirror image or not, and of nobody the person: entropies of ln 2 / 9 and ln 4 / 9. */
  @Test
  void learnsWhoIsOnAPictureAndDrawsIt() {
    try (Device device = new CpuDevice();
        Parameters parameters = trained(device, CONFIG, 150)) {
      float[][] contexts = {CONTEXTS[0], CONTEXTS[1], CONTEXTS[1], CONTEXTS[0]};
      int[] rows = {0, 0, 1, 0, 1, 1, 0, 5};
      for (Conditioning conditioning :
          new Conditioning[] {Conditioning.AWAY_FROM_EMPTY, Conditioning.AWAY_FROM_NEGATIVE}) {
        try (CodeSampler sampler = sampler(device, parameters, .5, 2, 4, conditioning)) {
          float[][] others = {CONTEXTS[1], CONTEXTS[0], CONTEXTS[0], CONTEXTS[1]};
          float[] drawn = sampler.sample(contexts, others, rows, 9);
          int right = 0;
          for (int i = 0; i < 4; i++) {
            right += drawn(drawn, i, rows[2 * i]) ? 1 : 0;
          }
          assertTrue(right >= 3, right + " of 4 pictures are the people's");
          try (CodeSampler twin = sampler.twin();
              CodeSampler alone = sampler(device, parameters, .5, 2, 1, conditioning)) {
            assertArrayEquals(drawn, twin.sample(contexts, others, rows, 9), "of a twin");
            for (int i = 0; i < 4; i++) {
              float[] own =
                  alone.sample(
                      new float[][] {contexts[i]},
                      new float[][] {others[i]},
                      Arrays.copyOfRange(rows, 2 * i, 2 * i + 2),
                      9);
              assertArrayEquals(Arrays.copyOfRange(drawn, i * T, (i + 1) * T), own);
            }
          }
        }
      }
    }
  }

  @Test
  void aFaceIsGivenTheContextOfAnotherImageOfThePerson() {
    try (Device device = new CpuDevice()) {
      float[] own = identities(device, ContextSource.SAME, 0, 0);
      assertArrayEquals(own, identities(device, ContextSource.OTHER, 0, 1), "one image each");
      float[] other = identities(device, ContextSource.OTHER, 0, 0);
      for (int i = 0; i < own.length; i++) {
        assertEquals(1 - own[i], other[i]);
      }
    }
  }

  /** The contexts of a step's faces, if the two faces are these people's. */
  private static float[] identities(Device device, ContextSource source, int... people) {
    AutoregressiveTask task =
        new AutoregressiveTask(CONFIG, faces(people), source, 8, DType.F32, 1, Part.WHOLE);
    try (Parameters parameters =
            new Parameters(device, task.graph().parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(task.graph(), device, parameters)) {
      task.feed(program, 3);
      return program.read(task.graph().inputs().get("identity"));
    }
  }

  /** The same as logarithms of softmaxes in double, of the averaged weights. */
  @Test
  void theValidationLossIsTheCrossEntropyOfTheWholeNetwork() {
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(
                device, task(CONFIG).graph().parameters(), Region.VALUES, Region.AVERAGE)) {
      randomize(parameters);
      parameters.copy(Region.AVERAGE, parameters, Region.VALUES);
      double loss = 0;
      double right = 0;
      for (int face = 0; face < 2; face++) {
        float[] logits = whole(device, parameters, CODES[face], CONTEXTS[face]);
        for (int i = 0; i < T; i++) {
          double sum = 0;
          int largest = 0;
          for (int n = 0; n < N; n++) {
            sum += Math.exp(logits[i * N + n]);
            largest = logits[i * N + n] > logits[i * N + largest] ? n : largest;
          }
          loss += Math.log(sum) - logits[i * N + CODES[face][i]];
          right += largest == CODES[face][i] ? 1 : 0;
        }
      }
      parameters.initialize(1);
      try (CodeValidation validation =
          new CodeValidation(device, CONFIG, parameters, faces(0, 1), DType.F32)) {
        Map<String, Double> figures = validation.measure();
        assertEquals(loss / (2 * T), figures.get("validation_loss"), 1e-6);
        assertEquals(right / (2 * T), figures.get("validation_accuracy"), 1e-6);
      }
    }
  }

  @Test
  void learnsWithoutContexts() {
    try (Device device = new CpuDevice();
        Parameters parameters = trained(device, CONFIG.unconditional(), 80)) {
      assertFalse(
          parameters.slots().stream().anyMatch(s -> s.parameter().name().contains("empty")));
    }
  }
}
