package dev.fizzy.model.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.identity.OnnxRuntime;
import dev.fizzy.model.ChannelOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks in ONNX files, compared with ONNX Runtime. */
class OnnxNetworkTest {
  private static final int FACES = 3;

  @TempDir Path folder;

  protected Device open(int threads) {
    return Devices.open("cpu", threads);
  }

  static List<String> networks() {
    return OnnxNetworks.names();
  }

  private OnnxNetwork network(String name) {
    return OnnxNetwork.open(OnnxNetworks.write(name, folder.resolve(name + ".onnx")), "judge");
  }

  private static float[] images(OnnxNetwork network, int faces) {
    Random random = new Random(7);
    float[] all = new float[faces * network.height() * network.width() * 3];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) random.nextGaussian();
    }
    return all;
  }

  /** Vectors by ONNX Runtime, one image at a time. */
  private static float[] wanted(OnnxNetwork network, float[] images) throws OrtException {
    int[] one = {1, network.height(), network.width(), 3};
    int elements = one[1] * one[2] * 3;
    float[] all = new float[0];
    try (OrtSession session = OnnxRuntime.environment().createSession(network.path().toString())) {
      for (int i = 0; i < images.length; i += elements) {
        float[] first = ChannelOrder.toFirst(Arrays.copyOfRange(images, i, i + elements), one);
        long[] shape = {1, 3, one[1], one[2]};
        try (OnnxTensor in =
                OnnxTensor.createTensor(OnnxRuntime.environment(), FloatBuffer.wrap(first), shape);
            OrtSession.Result out = session.run(Map.of("data", in))) {
          FloatBuffer values = ((OnnxTensor) out.get(0)).getFloatBuffer();
          int at = all.length;
          all = Arrays.copyOf(all, at + values.remaining());
          values.get(all, at, all.length - at);
        }
      }
    }
    return all;
  }

  private static Tensor input(Graph g, OnnxNetwork network, int faces) {
    return g.input("x", DType.F32, Stage.EVALUATION, faces, network.height(), network.width(), 3);
  }

  private float[] vectors(
      OnnxNetwork network, float[] images, boolean differentiable, DType type, int threads) {
    Graph g = new Graph(type);
    int faces = images.length / (network.height() * network.width() * 3);
    Tensor x = input(g, network, faces);
    Tensor y =
        network
            .record(Cast.of(x, type), differentiable, Set.of(OnnxNetworks.OUTPUT))
            .tensor(OnnxNetworks.OUTPUT);
    g.output(y);
    try (Device device = open(threads);
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      network.fill(parameters);
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, images);
        program.run();
        return program.read(y);
      }
    }
  }

  private static float largest(float[] values) {
    float most = 0;
    for (float v : values) {
      most = Math.max(most, Math.abs(v));
    }
    return most;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void agreesWithOnnxRuntime(String name) throws OrtException {
    OnnxNetwork network = network(name);
    float[] images = images(network, FACES);
    float[] wanted = wanted(network, images);
    float scale = largest(wanted);
    assertTrue(scale > .05, "the vectors of " + name + " hardly differ from zero: " + scale);
    assertArrayEquals(wanted, vectors(network, images, false, DType.F32, 2), 1e-5f * scale);
    assertArrayEquals(wanted, vectors(network, images, true, DType.F32, 2), 1e-5f * scale);
    assertArrayEquals(wanted, vectors(network, images, false, DType.BF16, 2), .05f * scale);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void bitsDependNeitherOnThreadsNorOnTheBatch(String name) {
    OnnxNetwork network = network(name);
    float[] images = images(network, FACES);
    float[] vectors = vectors(network, images, false, DType.F32, 1);
    assertArrayEquals(vectors, vectors(network, images, false, DType.F32, 3));
    float[] first =
        vectors(network, Arrays.copyOf(images, images.length / FACES), false, DType.F32, 2);
    assertArrayEquals(Arrays.copyOf(vectors, first.length), first);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void gradientAgreesWithDifferences(String name) {
    OnnxNetwork network = network(name);
    Graph g = new Graph(DType.F32);
    Tensor x = input(g, network, 2);
    Tensor y = network.record(x, true, Set.of(OnnxNetworks.OUTPUT)).tensor(OnnxNetworks.OUTPUT);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, y.shape());
    Tensor loss = g.output(Loss.mse(y, target));
    g.backward(loss, x);
    assertTrue(g.parameters().stream().noneMatch(p -> p.trained()), "a weight is trained");
    float[] images = images(network, 2);
    try (Device device = open(2);
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      network.fill(parameters);
      try (Program program = new Program(g, device, parameters)) {
        program.write(target, ones(target));
        program.write(x, images);
        program.run();
        float[] gradient = program.read(g.gradientOf(x));
        for (int seed = 0; seed < 3; seed++) {
          Random random = new Random(seed);
          float[] direction = new float[images.length];
          double expected = 0;
          double size = 0;
          for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) random.nextGaussian();
            expected += (double) direction[i] * gradient[i];
            size += (double) gradient[i] * gradient[i];
          }
          double measured =
              (lossAt(program, x, loss, images, direction, 5e-4f)
                      - lossAt(program, x, loss, images, direction, -5e-4f))
                  / 1e-3;
          // Within the step some values pass the kink of an activation.
          assertEquals(expected, measured, .05 * Math.sqrt(size), name);
        }
      }
    }
  }

  private static float[] ones(Tensor t) {
    float[] ones = new float[Math.toIntExact(t.elements())];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static double lossAt(
      Program program, Tensor x, Tensor loss, float[] images, float[] direction, float step) {
    float[] moved = images.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    program.write(x, moved);
    program.run();
    return program.read(loss)[0];
  }

  @Test
  void mapsAreTheLastOfEachResolution() {
    OnnxNetwork network = network("mobileFaceNet");
    Graph g = new Graph(DType.F32);
    List<Tensor> maps =
        network.record(input(g, network, 2), true, Set.of(OnnxNetworks.OUTPUT)).maps();
    assertEquals(
        List.of("[2, 14, 12, 40]", "[2, 7, 6, 40]"),
        maps.stream().map(t -> Arrays.toString(t.shape())).toList());
  }

  @Test
  void namesTheOperatorThatItDoesNotKnow() {
    OnnxNetwork network = OnnxNetwork.open(OnnxNetworks.unknown(folder.resolve("u.onnx")), "judge");
    String message =
        assertThrows(
                UnknownOperator.class,
                () -> network.valuesPerImage(10, 14, Set.of(OnnxNetworks.OUTPUT)))
            .getMessage();
    assertTrue(
        message.contains("u.onnx has an operator that the engine does not compute: Softplus"),
        message);
  }
}
