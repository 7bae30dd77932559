package dev.fizzy.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Noise;
import dev.fizzy.engine.op.QSample;
import org.bytedeco.javacpp.IntPointer;
import org.junit.jupiter.api.Test;

/** The kernels draw the numbers that {@link Philox} gives. */
class RandomKernelsTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final long SEED = 0x1234_5678_9abc_def0L;
  private static final int STEP = 4321;
  private static final int[] ROWS = {4711, 17, -3, 0, 1 << 30, 2};

  private final Graph g = new Graph(DType.F32);
  private final Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, 3, 2);
  private final Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);

  private Program program(Device device) {
    Program program = new Program(g, device, null);
    program.write(rows, ROWS);
    program.write(random, new int[] {(int) SEED, (int) (SEED >>> 32), STEP, 0});
    return program;
  }

  private static int word(Philox.Purpose purpose, int row, int element) {
    int[] counter = {element / 4, purpose.ordinal() << 24 | STEP, ROWS[2 * row], ROWS[2 * row + 1]};
    int[] words = new int[4];
    Philox.block(SEED, counter, words);
    return words[element % 4];
  }

  private static double normal(Philox.Purpose purpose, int row, int element) {
    int first = element / 2 * 2;
    double u = ((word(purpose, row, first) >>> 8) + 1) * 0x1p-24;
    double angle = 2 * Math.PI * (word(purpose, row, first + 1) >>> 8) * 0x1p-24;
    double radius = Math.sqrt(-2 * Math.log(u));
    return radius * (element % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
  }

  @Test
  void blocksAreThoseOfTheHost() {
    int[] counters = new int[40];
    int[] words = new int[40];
    for (int i = 0; i < counters.length; i++) {
      counters[i] = i * 0x9E3779B9;
    }
    try (IntPointer given = new IntPointer(counters);
        IntPointer key = new IntPointer((int) SEED, (int) (SEED >>> 32));
        IntPointer drawn = new IntPointer(words.length)) {
      Native.cpu_backend()
          .philox(new Native.Backend.Philox().key(key).counters(given).words(drawn).n(10));
      drawn.get(words);
    }
    int[] expected = new int[4];
    for (int b = 0; b < 10; b++) {
      Philox.block(SEED, java.util.Arrays.copyOfRange(counters, 4 * b, 4 * b + 4), expected);
      assertArrayEquals(expected, java.util.Arrays.copyOfRange(words, 4 * b, 4 * b + 4));
    }
  }

  @Test
  void noiseIsCountedByRowStepAndElement() {
    Tensor y = g.output(Noise.normal(g, rows, random, 3, 5, 9));
    try (Device device = open();
        Program program = program(device)) {
      program.run();
      float[] out = program.read(y);
      for (int i = 0; i < out.length; i++) {
        assertEquals(normal(Philox.Purpose.NOISE, i / 45, i % 45), out[i], 4e-6);
      }
    }
  }

  @Test
  void qSampleMixesImageAndNoise() {
    Tensor x0 = g.input("x0", DType.F32, Stage.EVALUATION, 3, 2, 7);
    Tensor alpha = g.input("alpha", DType.F32, Stage.EVALUATION, 3);
    Tensor sigma = g.input("sigma", DType.F32, Stage.EVALUATION, 3);
    QSample eps = QSample.of(x0, alpha, sigma, rows, random, false);
    QSample v = QSample.of(x0, alpha, sigma, rows, random, true);
    for (Tensor t : new Tensor[] {eps.xt(), eps.target(), v.xt(), v.target()}) {
      g.output(t);
    }
    float[] a = {.9f, .5f, .1f};
    float[] s = {.436f, .866f, .995f};
    float[] x = new float[42];
    for (int i = 0; i < x.length; i++) {
      x[i] = i * .1f - 2;
    }
    try (Device device = open();
        Program program = program(device)) {
      program.write(x0, x);
      program.write(alpha, a);
      program.write(sigma, s);
      program.run();
      float[] xt = program.read(eps.xt());
      float[] noise = program.read(eps.target());
      float[] velocity = program.read(v.target());
      assertArrayEquals(xt, program.read(v.xt()));
      for (int i = 0; i < x.length; i++) {
        int b = i / 14;
        double n = normal(Philox.Purpose.Q_SAMPLE, b, i % 14);
        assertEquals(n, noise[i], 4e-6);
        assertEquals(a[b] * x[i] + s[b] * n, xt[i], 8e-6);
        assertEquals(a[b] * n - s[b] * x[i], velocity[i], 8e-6);
      }
    }
  }

  @Test
  void contextDropoutDropsWhatTheWordsSay() {
    Tensor context = g.input("context", DType.F32, Stage.EVALUATION, 3, 21);
    Tensor y = g.output(ContextDropout.of(context, null, .25f, 0, rows, random));
    float[] c = new float[63];
    for (int i = 0; i < c.length; i++) {
      c[i] = 1 + i;
    }
    try (Device device = open();
        Program program = program(device)) {
      program.write(context, c);
      program.run();
      float[] out = program.read(y);
      for (int i = 0; i < c.length; i++) {
        double u = (word(Philox.Purpose.CONTEXT_DROPOUT, i / 21, i % 21) >>> 8) * 0x1p-24;
        assertEquals(u < .25 ? 0 : c[i] / .75, out[i], 1e-5);
      }
    }
  }

  /** The host knows which rows the kernel replaces. */
  @Test
  void theHostKnowsWhoseContextIsDropped() {
    Graph g = new Graph(DType.F32);
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, 3, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor context = g.input("context", DType.F32, Stage.EVALUATION, 3, 2);
    Tensor empty = g.input("empty", DType.F32, Stage.EVALUATION, 2);
    Tensor y = g.output(ContextDropout.of(context, empty, 0, .5f, rows, random));
    int dropped = 0;
    try (Device device = open();
        Program program = new Program(g, device, null)) {
      program.write(context, new float[6]);
      program.write(empty, 1, 1);
      program.write(rows, ROWS);
      for (int step = 0; step < 20; step++) {
        program.write(random, new int[] {(int) SEED, (int) (SEED >>> 32), step, 0});
        program.run();
        for (int row = 0; row < 3; row++) {
          boolean drops =
              ContextDropout.dropsWhole(.5, SEED, step, ROWS[2 * row], ROWS[2 * row + 1]);
          assertEquals(drops ? 1 : 0, program.read(y)[2 * row]);
          dropped += drops ? 1 : 0;
        }
      }
    }
    assertTrue(dropped > 10 && dropped < 50, dropped + " of 60 rows");
  }
}
