package dev.fizzy.engine.op;

import static dev.fizzy.engine.op.GradientCheck.parameter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.fizzy.model.MarginConfig;
import dev.fizzy.model.MarginHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole heads: embeddings and class weights to the loss and back. */
class MarginSoftmaxTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final int B = 4;

  private static Tensor loss(Graph g, MarginConfig config) {
    return head(g, config).loss();
  }

  private static MarginSoftmax head(Graph g, MarginConfig config) {
    return new MarginHead(g, config, 5)
        .loss(
            parameter(g, "x", B, 6),
            g.input("labels", DType.I32, Stage.EVALUATION, B),
            g.input("rows", DType.I32, Stage.EVALUATION, B, 2),
            g.input("random", DType.I32, Stage.EVALUATION, 4));
  }

  /** A small scale, so that differences of f32 losses are precise. */
  @ParameterizedTest
  @EnumSource(
      value = MarginConfig.Kind.class,
      names = {"COSFACE", "ARCFACE", "ELASTIC_COSFACE", "ELASTIC_ARCFACE"})
  void gradientsAgreeWithDifferences(MarginConfig.Kind kind) {
    try (Device device = open()) {
      new GradientCheck(device)
          .checkScalar(g -> softened(g, MarginConfig.published(kind).with(3, .3)));
    }
  }

  /** Class weights that begin at .01 would move far in a step of the differences. */
  private static Tensor softened(Graph g, MarginConfig config) {
    parameter(g, "head.weight", 5, 6);
    return loss(g, config);
  }

  /** AdaFace's statistics move at every run, so its loss is compared with the formula instead. */
  @Test
  void adaFaceFollowsThePublishedCode() {
    Graph g = new Graph(DType.F32);
    MarginSoftmax head = head(g, MarginConfig.published(MarginConfig.Kind.ADAFACE).with(8, .4));
    Tensor cosines = g.output(head.cosines());
    Tensor loss = g.output(head.loss());
    g.backward(loss);
    try (Device device = open();
        Parameters p = new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, p)) {
      p.initialize(7);
      program.write(program.input("labels"), new int[] {4, 0, 2, 2});
      program.run();
      double mean = .99 * 20;
      double deviation = .99 * 100;
      float[] x = p.read(Region.VALUES, p.slot("x"));
      double[] norms = new double[B];
      double average = 0;
      for (int b = 0; b < B; b++) {
        for (int i = 0; i < 6; i++) {
          norms[b] += x[6 * b + i] * x[6 * b + i];
        }
        norms[b] = Math.sqrt(norms[b]);
        average += norms[b] / B;
      }
      double square = 0;
      for (double n : norms) {
        square += (n - average) * (n - average) / (B - 1);
      }
      mean += .01 * average;
      deviation += .01 * Math.sqrt(square);
      assertEquals(mean, p.read(Region.VALUES, p.slot("head.batch_mean"))[0], 1e-4);
      assertEquals(deviation, p.read(Region.VALUES, p.slot("head.batch_std"))[0], 1e-4);
      float[] cos = program.read(cosines);
      int[] labels = {4, 0, 2, 2};
      double expected = 0;
      for (int b = 0; b < B; b++) {
        double quality = .333 * (norms[b] - mean) / (deviation + 1e-3);
        double theta = Math.acos(cos[5 * b + labels[b]]) - .4 * quality;
        double z = 8 * (Math.cos(theta) - (.4 + .4 * quality));
        double sum = Math.exp(z);
        for (int j = 0; j < 5; j++) {
          sum += j == labels[b] ? 0 : Math.exp(8 * cos[5 * b + j]);
        }
        expected += (Math.log(sum) - z) / B;
      }
      assertEquals(expected, program.read(loss)[0], 1e-5);
      float largest = 0;
      for (float d : p.read(Region.GRADIENTS, p.slot("head.weight"))) {
        largest = Math.max(largest, Math.abs(d));
      }
      assertTrue(largest > 1e-3, "nothing reaches the class weights");
    }
  }

  @Test
  void labelsBeyondTheHeadAreRefused() {
    MarginSoftmax.checkLabels(new int[] {0, 4}, 5);
    EngineException e =
        assertThrows(
            EngineException.class, () -> MarginSoftmax.checkLabels(new int[] {1, 5, 0}, 5));
    assertEquals("label 5 of row 1 is beyond the head, which has 5 classes", e.getMessage());
    assertThrows(EngineException.class, () -> MarginSoftmax.checkLabels(new int[] {-1}, 5));
  }
}
