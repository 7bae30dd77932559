package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.diffusion.IdentityObjective.Target;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.rival.Ours;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityLossTest {
  private static final int WIDTH = 16;
  private static final IResNetConfig EYES =
      new IResNetConfig("eyes", List.of(1, 1, 1, 1), 8, WIDTH, 16, 0);

  private static final Judge JUDGE =
      new Judge() {
        @Override
        public int width() {
          return WIDTH;
        }

        @Override
        public Tensor embed(Tensor faces) {
          return new IResNet(faces.graph(), EYES, IResNet.Mode.FROZEN).embed(faces);
        }

        @Override
        public void fill(Parameters parameters) {
          throw new IllegalStateException("the test fills all parameters");
        }

        @Override
        public String identity() {
          return "eyes";
        }
      };

  private static ModelConfig config(Prediction prediction) {
    String json = ModelConfig.load("tiny").toJson();
    json = json.replace("\"eps\"", '"' + prediction.name().toLowerCase() + '"');
    json = json.replace("\"context_input\":512", "\"context_input\":" + WIDTH);
    json = json.replace("\"latent_scale\":0.0", "\"latent_scale\":2.0");
    return ModelConfig.parse(json);
  }

  private static IdentityObjective objective(
      ModelConfig config, Target target, double weight, int every, int faces) {
    return new IdentityObjective(JUDGE, config.autoencoder(), weight, target, 0, 999, every, faces);
  }

  private static float[] random(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static TrainingFaces.Face face(SplittableRandom random, int row, int time) {
    return new TrainingFaces.Face(row, time, null, random(random, WIDTH), random(random, WIDTH));
  }

  /** Through judge, decoder and the predicted image, against finite differences. */
  @ParameterizedTest
  @EnumSource(Prediction.class)
  void hasTheGradientOfItsCosines(Prediction prediction) {
    ModelConfig config = config(prediction);
    Graph g = new Graph(DType.F32);
    int batch = 3;
    Tensor xt = g.input("xt", DType.F32, Stage.EVALUATION, batch, 8, 8, 3);
    Tensor predicted = g.input("predicted", DType.F32, Stage.EVALUATION, batch, 8, 8, 3);
    IdentityObjective objective = objective(config, Target.TIME, 1, 1, 2);
    IdentityLoss identity =
        new IdentityLoss(objective, config.diffusion(), xt, predicted, 1, 1, false);
    Tensor loss = g.output(identity.loss());
    g.backward(loss, predicted);
    SplittableRandom random = new SplittableRandom(4);
    float[] p = random(random, (int) predicted.elements());
    TrainingFaces.Face[] faces = {face(random, 0, 300), face(random, 1, 600), face(random, 2, 900)};
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 5);
      try (Program program = new Program(g, device, parameters)) {
        program.write(xt, random(random, (int) xt.elements()));
        identity.feed(program, 0, faces);
        run(program, predicted, p, p, 0);
        float[] gradient = program.read(g.gradientOf(predicted));
        double square = 0;
        for (int i = 0; i < gradient.length; i++) {
          square += gradient[i] * gradient[i];
          assertTrue(i < gradient.length / 3 * 2 || gradient[i] == 0, "the third has no loss");
        }
        assertTrue(square > 1e-8, "a gradient of zero proves nothing");
        double h = 2e-3 * Math.sqrt(gradient.length / square);
        run(program, predicted, p, gradient, h);
        double up = program.read(loss)[0];
        run(program, predicted, p, gradient, -h);
        double down = program.read(loss)[0];
        assertEquals(square, (up - down) / (2 * h), 3e-2 * square);
      }
    }
  }

  private static void run(Program program, Tensor input, float[] at, float[] along, double step) {
    float[] moved = new float[at.length];
    for (int i = 0; i < at.length; i++) {
      moved[i] = (float) (at[i] + step * along[i]);
    }
    program.write(input, moved);
    program.run();
  }

  /** The loss of x0 itself as prediction is minus the weighted cosines of its decoded face. */
  @Test
  void isMinusTheCosineToItsTargets() {
    ModelConfig config = config(Prediction.EPS);
    SplittableRandom random = new SplittableRandom(9);
    Graph g = new Graph(DType.F32);
    Tensor xt = g.input("xt", DType.F32, Stage.EVALUATION, 1, 8, 8, 3);
    Tensor noise = g.input("noise", DType.F32, Stage.EVALUATION, 1, 8, 8, 3);
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, 1, 8, 8, 3);
    IdentityObjective objective = objective(config, Target.TIME, 1, 1, 1);
    IdentityLoss identity = new IdentityLoss(objective, config.diffusion(), xt, noise, 1, 1);
    g.output(identity.loss());
    VqAutoencoder decoder = new VqAutoencoder(g, config.autoencoder(), true);
    Tensor vector =
        g.output(
            JUDGE.embed(IdentityLoss.clipped(decoder.decode(decoder.quantize(z).quantized()))));
    int time = 400;
    double alpha = config.diffusion().noise().alpha(time);
    double sigma = config.diffusion().noise().sigma(time);
    float[] latents = random(random, 192);
    float[] eps = random(random, 192);
    float[] noisy = new float[192];
    for (int i = 0; i < 192; i++) {
      noisy[i] = (float) (alpha * 2 * latents[i] + sigma * eps[i]); // the scale is 2
    }
    TrainingFaces.Face face = face(random, 0, time);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 5);
      try (Program program = new Program(g, device, parameters)) {
        program.write(xt, noisy);
        program.write(noise, eps);
        program.write(z, latents);
        identity.feed(program, 0, new TrainingFaces.Face[] {face});
        program.run();
        float[] drawn = program.read(vector);
        double expected =
            -.4 * Vectors.cosine(drawn, face.context()) - .6 * Vectors.cosine(drawn, face.own());
        assertEquals(expected, program.read(identity.loss())[0], 1e-4);
        assertTrue(Math.abs(expected) > 1e-2);
        // A time outside the range and a dropped context count nothing.
        TrainingFaces.Face other = face(random, dropped(config), time);
        identity.feed(program, 0, new TrainingFaces.Face[] {other});
        program.run();
        assertEquals(0, program.read(identity.loss())[0], 1e-7);
      }
    }
  }

  /** A row whose context is dropped at step 0 with seed 1. */
  private static int dropped(ModelConfig config) {
    int row = 0;
    while (!ContextDropout.dropsWhole(config.diffusion().emptyContext(), 1, 0, row, 0)) {
      row++;
    }
    return row;
  }

  private static List<Map<String, Double>> train(IdentityObjective identity, int steps) {
    ModelConfig config = config(Prediction.V);
    SplittableRandom random = new SplittableRandom(2);
    int count = 4;
    float[][] latents = new float[count][];
    float[][] contexts = new float[count][];
    for (int i = 0; i < count; i++) {
      latents[i] = random(random, 192);
      contexts[i] = random(random, WIDTH);
    }
    DiffusionTask task =
        new DiffusionTask(
            config.unet(),
            config.diffusion(),
            new Objective(new TrainingTimes.Uniform(), 0, ContextSource.SAME, identity),
            new DiffusionTask.Examples(latents, null, contexts),
            4,
            DType.F32,
            3,
            DiffusionTask.Part.WHOLE);
    Optimizer optimizer =
        new Optimizer.Adam(new LearningRate.Cosine(1e-2, 1e-2, 1000, 2, 0), Ema.published(), 1);
    List<Map<String, Double>> reports = new ArrayList<>();
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, task.graph().parameters(), TrainingLoop.regions(optimizer))) {
      parameters.initialize(7);
      if (identity != null) {
        shrink(parameters, "decoder.conv_out.weight"); // an untrained decoder's pixels are clipped
      }
      try (TrainingLoop loop = new TrainingLoop(task, device, parameters, optimizer, 0)) {
        loop.run(steps, report -> reports.add(report.values()));
      }
    }
    return reports;
  }

  private static void shrink(Parameters parameters, String name) {
    Parameters.Slot slot = parameters.slot(name);
    float[] values = parameters.read(Region.VALUES, slot);
    for (int i = 0; i < values.length; i++) {
      values[i] *= .2f;
    }
    parameters.write(Region.VALUES, slot, values);
  }

  /** Beside a training that differs by the weight alone: the same faces, times and noise. */
  @Test
  void stepsRaiseTheCosine() {
    ModelConfig config = config(Prediction.V);
    double with = mean(train(objective(config, Target.CONTEXT, 10, 1, 4), 30).subList(15, 30));
    double without = mean(train(objective(config, Target.CONTEXT, 0, 1, 4), 30).subList(15, 30));
    assertTrue(with < without - .005, "identity loss " + with + ", without it " + without);
  }

  private static double mean(List<Map<String, Double>> reports) {
    return reports.stream().mapToDouble(r -> r.get("identity")).average().orElseThrow();
  }

  @Test
  void onlySomeStepsHaveIt() {
    ModelConfig config = config(Prediction.V);
    List<Map<String, Double>> sparse = train(objective(config, Target.TIME, .1, 3, 2), 5);
    for (int step = 0; step < 5; step++) {
      assertEquals(step % 3 == 0, sparse.get(step).containsKey("identity"), "step " + step);
    }
    List<Map<String, Double>> none = train(null, 5);
    assertFalse(none.get(0).containsKey("identity"));
    assertEquals(none.get(0).get("loss"), sparse.get(0).get("loss"), 1e-6);
  }

  @Test
  void aRangeHasAnOrder() {
    assertThrows(
        EngineException.class,
        () -> new IdentityObjective(JUDGE, null, 1, Target.TIME, 600, 500, 1, 1));
  }

  @Test
  void pixelsAreClipped() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 1, 1, 3);
    Tensor y = g.output(IdentityLoss.clipped(x));
    g.backward(g.output(Loss.mse(y, g.input("t", DType.F32, Stage.EVALUATION, 2, 1, 1, 3))), x);
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(x, -2, -.9f, 0, .5f, 1.5f, .99f);
      program.write(program.input("t"), new float[6]);
      program.run();
      float[] expected = {-1, -.9f, 0, .5f, 1, .99f};
      assertArrayEquals(expected, program.read(y), 1e-6f);
      float[] gradient = {0, -.3f, 0, .5f / 3, 0, .33f};
      assertArrayEquals(gradient, program.read(g.gradientOf(x)), 1e-6f);
    }
  }
}
